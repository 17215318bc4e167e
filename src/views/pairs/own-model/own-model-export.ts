import { mean } from '../../../core/numerics.ts';
import type { TokenChange } from '../../../data/logps/token-changes.ts';
import { fixed, percent, signed, significant } from '../../../shell/controls/format.ts';
import type { Exports } from '../../../shell/exports/export.ts';
import type { Report } from '../../../shell/exports/report.ts';
import { lossSection } from '../losses/loss-section.ts';
import type { PairColumn } from '../pair-table.ts';
import { count } from '../pairs-text.ts';
import { readingOfLogps } from './logps-reading.ts';
import type { OwnModel } from './own-model.svelte.ts';

interface Rows {
  readonly label: string;
  readonly values: ArrayLike<number>;
}

/** Numbers of the reader's own model, a row a pair. Their link shows the view: the file stays with the reader. */
function ownExports(name: string, seen: string, rows: Rows, columns: readonly PairColumn[], more: object): Exports {
  const at = (values: ArrayLike<number>, row: number): number => values[row] ?? Number.NaN;
  return {
    name,
    seen,
    state: `${rows.values.length} pairs`,
    seed: null,
    engine: null,
    table: () => ({
      columns: [rows.label, ...columns.map(({ id }) => id)],
      rows: Array.from(rows.values, (value, row) => [value, ...columns.map(({ values }) => at(values, row))]),
    }),
    data: () => ({
      ...more,
      [rows.label]: Array.from(rows.values),
      columns: Object.fromEntries(columns.map(({ id, about, values }) => [id, { about, values: Array.from(values) }])),
    }),
    words: { csv: 'the numbers, pair by pair', json: 'the numbers and their sums' },
  };
}

/** Everything that is said of log-probs. */
function logpsReport({ logps, beta, loss, overlaps }: OwnModel): Report {
  if (!logps.value) throw new Error('No log-probs are open.');
  const { name, pairCount, facts, chosen, rejected, reference, lengths, perToken, tokens, problemCount } = logps.value;
  const { margins, ranked, referenceRanked, rewarded, changes } = facts;
  const { chosenChange, rejectedChange } = margins;
  const named = (list: readonly TokenChange[]) =>
    list.map(({ token, inChosen, inRejected, sum }) => [JSON.stringify(token), String(inChosen), String(inRejected), signed(sum, 2)]);
  return {
    title: readingOfLogps(logps.value),
    about: [
      `${name}: ${count(pairCount)} pairs.`,
      ...(problemCount > 0 ? [`${problemCount === 1 ? '1 row is' : `${count(problemCount)} rows are`} left out.`] : []),
    ],
    sections: [
      {
        title: 'Evidence',
        head: ['', 'of the model'],
        rows: [
          ['ranking accuracy: log π(chosen) > log π(rejected)', percent(ranked)],
          ...(referenceRanked === null ? [] : [['the same of the reference', percent(referenceRanked)]]),
          ...(rewarded === null ? [] : [['implicit reward accuracy: the margin grew', percent(rewarded)]]),
          ...(chosenChange && rejectedChange
            ? [
                ['mean change of log π(chosen), nats', signed(mean(chosenChange), 2)],
                ['mean change of log π(rejected), nats', signed(mean(rejectedChange), 2)],
              ]
            : []),
          ...(changes
            ? [
                ['chosen response fell', `${count(changes.chosenFell)} of ${count(chosen.length)}`],
                ['… although the margin grew: displaced', count(changes.displaced)],
                ['both responses fell', count(changes.bothFell)],
              ]
            : []),
          ...(loss === null ? [] : [[`mean DPO loss at β = ${significant(beta)}, nats`, fixed(loss, 4)]]),
        ],
      },
      ...(perToken ? [] : [lossSection({ chosen, rejected, reference, lengths, overlaps }, beta)]),
      ...(tokens && tokens.gained.length + tokens.lost.length > 0
        ? [
            {
              title: 'Tokens that gained, and tokens that lost',
              lines: ['Sums of log π − log π_ref over all places of a token, nats.'],
              head: ['token', 'in chosen', 'in rejected', 'sum'],
              rows: [...named(tokens.gained), ...named(tokens.lost)],
            },
          ]
        : []),
    ],
  };
}

export function logpsExports(model: OwnModel, columns: readonly PairColumn[]): Exports {
  const { logps, beta, loss } = model;
  if (!logps.value) throw new Error('No log-probs are open.');
  const { name, lines, facts } = logps.value;
  const { margins: _, ...sums } = facts;
  const exported = ownExports('own-logps', `Log-probs of ${name}.`, { label: 'line', values: lines }, columns, {
    ...sums,
    beta,
    meanDpoLoss: loss,
  });
  return { ...exported, report: () => logpsReport(model) };
}

export function hiddenExports({ hidden, correlation }: OwnModel, columns: readonly PairColumn[]): Exports {
  if (!hidden.value) throw new Error('No hidden states are open.');
  const { name, ches, dimensions } = hidden.value;
  const rows = { label: 'pair', values: Array.from(ches, (_, row) => row + 1) };
  return ownExports('own-ches', `CHES of ${name}.`, rows, columns, { dimensions, rankCorrelation: correlation });
}
