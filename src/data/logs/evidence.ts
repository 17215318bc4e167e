import { type LogFacts, type Series, seriesOf, show } from './readings/series.ts';
import { sideColumn, type Unit, unitOf } from './units.ts';

/** A number of the log at its beginning and at its end, each a mean of so many rows. */
export interface EvidenceRow {
  readonly id: string;
  readonly words: string;
  /** as the reader's calculator has them, from the columns as they are */
  readonly early: number;
  readonly late: number;
  readonly as: 'number' | 'percent';
  /** how the number follows from the log's own: "−1.96 ÷ 0.1" */
  readonly how?: string;
  /** rows that each number is the mean of, and rows that have the column */
  readonly averaged: number;
  readonly total: number;
}

export interface Evidence {
  readonly rows: readonly EvidenceRow[];
  /** rows of the column that has most which each number is the mean of: a fifth of them, at least 1 */
  readonly averaged: number;
  readonly total: number;
}

const sideWords: Readonly<Record<Unit, readonly [chosen: string, rejected: string]>> = {
  change: ['chosen, Δ log π (nats)', 'rejected, Δ log π (nats)'],
  reward: ['chosen, reward', 'rejected, reward'],
  logp: ['chosen, log-probability', 'rejected, log-probability'],
  'per-token': ['chosen, log-prob a token', 'rejected, log-prob a token'],
};

const others: readonly { readonly column: string; readonly words: string; readonly as?: 'percent' }[] = [
  { column: 'rewards/margins', words: 'margin of rewards' },
  { column: 'rewards/accuracies', words: 'pairs with a margin above 0', as: 'percent' },
  { column: 'reward', words: 'reward' },
  { column: 'loss', words: 'loss' },
  { column: 'eval_loss', words: 'loss in evaluation' },
  { column: 'kl', words: 'KL' },
  { column: 'completion_length', words: 'tokens a response' },
];

const fifthOf = (total: number): number => Math.max(1, Math.floor(total / 5));

/** Of how many rows each number is the mean; those that fewer rows have are named. */
export function averagedWords({ rows, averaged, total }: Evidence): string {
  const all =
    total === 1 ? 'The one row' : averaged === 1 ? 'First and last row' : `Means of the first and the last ${averaged} of ${total} rows`;
  const fewer = rows
    .filter((row) => row.total < total)
    .map(({ words, averaged: mean, total: of }) => `${words.replace(/,.*/, '')}: ${mean} of ${of}`);
  return `${all}${fewer.length > 0 ? ` (${fewer.join('; ')})` : ''}.`;
}

/** The first and the last number of what a log has, as its readings compare them. */
export function evidenceOf(log: Pick<LogFacts, 'steps' | 'columns' | 'beta'>): Evidence {
  const rows: EvidenceRow[] = [];
  let most: Series | null = null;
  const add = (column: string, row: Pick<EvidenceRow, 'id' | 'words' | 'as'>, divisor = 1): void => {
    const series = seriesOf(log, column);
    if (!series) return;
    if (!most || series.values.length > most.values.length) most = series;
    const how = divisor === 1 ? {} : { how: `${show(series.late)} ÷ ${show(divisor)}` };
    const total = series.values.length;
    rows.push({ ...row, early: series.early / divisor, late: series.late / divisor, ...how, averaged: fifthOf(total), total });
  };
  const unit = unitOf(log);
  if (unit)
    for (const [index, side] of (['chosen', 'rejected'] as const).entries()) {
      const { column, divisor } = sideColumn(unit, side, log.beta);
      add(column, { id: side, words: sideWords[unit][index] ?? side, as: 'number' }, divisor);
    }
  for (const { column, words, as = 'number' } of others) add(column, { id: column, words, as });
  const total = (most as Series | null)?.values.length ?? 0;
  return { rows, averaged: fifthOf(total), total };
}
