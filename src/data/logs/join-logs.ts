import type { TrainingLog } from '../read-data-types.ts';
import { betaOf } from './readings/series.ts';

type Columns = TrainingLog['columns'];

/** The columns of each log; what was measured in evaluation alone stands apart where another log has it of training. */
function columnsOf(logs: readonly TrainingLog[]): Columns[] {
  return logs.map((log) => {
    if (!log.notes.some(({ kind }) => kind === 'evaluation')) return log.columns;
    const isTrained = (name: string): boolean => logs.some((other) => other !== log && name in other.columns);
    return Object.fromEntries(Object.entries(log.columns).map(([name, values]) => [isTrained(name) ? `eval_${name}` : name, values]));
  });
}

/**
 * Several files with one metric each as the log of one run: so do TensorBoard, Neptune and MLflow export it. null where one has more, or two
 * have the same: then they may be logs of several runs.
 */
export function joinLogs(logs: readonly TrainingLog[]): Omit<TrainingLog, 'readings'> | null {
  const all = columnsOf(logs);
  const names = all.flatMap((columns) => Object.keys(columns));
  if (logs.length < 2 || names.length > logs.length || new Set(names).size < names.length) return null;
  const steps = [...new Set(logs.flatMap((log) => log.steps))].sort((a, b) => a - b);
  const place = new Map(steps.map((step, i) => [step, i]));
  const columns: Record<string, Float64Array> = {};
  for (const [k, log] of logs.entries())
    for (const [name, values] of Object.entries(all[k] ?? {})) {
      const column = columns[name] ?? new Float64Array(steps.length).fill(Number.NaN);
      for (const [i, step] of log.steps.entries()) {
        const [at, value] = [place.get(step), values[i] ?? Number.NaN];
        if (at !== undefined && !Number.isNaN(value)) column[at] = value;
      }
      columns[name] = column;
    }
  return {
    kind: 'log',
    format: `${logs.length} files of one run: ${[...new Set(logs.map(({ format }) => format))].join(', ')}`,
    steps,
    columns,
    nonFinite: logs.flatMap(({ nonFinite }) => nonFinite),
    beta: betaOf({ steps, columns }),
    notes: [
      {
        kind: 'joined',
        text: `${logs.length} files are read as one run: none has a metric of another, and rows of one step are put together.`,
        count: logs.length,
      },
      // of training and evaluation together it is no longer so
      ...logs.flatMap((log, k) =>
        log.notes.filter(({ kind }) => kind !== 'evaluation' || Object.keys(all[k] ?? {}).every((name) => name in log.columns)),
      ),
    ],
    problems: logs.flatMap(({ problems }) => problems),
    problemCount: logs.reduce((sum, { problemCount }) => sum + problemCount, 0),
  };
}
