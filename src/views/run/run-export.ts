import type { Exports } from '../../shell/exports/export.ts';
import type { RunLab } from './run.svelte.ts';
import { reportOf } from './run-report.ts';

/** The log that is open, with what is said of it. The link shows the view: the file stays with the reader. */
export function runExports({ told, beside }: Pick<RunLab, 'told' | 'beside'>): Exports {
  if (!told) throw new Error('No log is open.');
  const { log, headline, name, readings, evidence } = told;
  const columns = Object.keys(log.columns);
  return {
    name: 'run',
    seen: `${name}: ${headline}.`,
    state: `${log.steps.length} rows`,
    seed: null,
    engine: null,
    table: () => ({
      columns: ['step', ...columns],
      rows: log.steps.map((step, i) => [step, ...columns.map((column) => log.columns[column]?.[i] ?? Number.NaN)]),
    }),
    data: () => ({ format: log.format, beta: log.beta, evidence, readings, notes: log.notes, steps: log.steps, columns: log.columns }),
    report: () => reportOf({ told, beside }),
    words: { csv: 'the log as it was read', json: 'the log and its readings' },
  };
}
