import { type LogFacts, seriesOf } from './readings/series.ts';
import { sideColumn, type Unit, unitOf } from './units.ts';

export interface StackSeries {
  readonly id: string;
  readonly words: string;
  readonly role: 'chosen' | 'rejected' | 'ink' | 'other';
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** One chart of the stack; all share the axis of steps. */
export interface StackRow {
  readonly id: string;
  readonly words: string;
  readonly as: 'number' | 'percent';
  readonly series: readonly StackSeries[];
}

const sideTitle: Readonly<Record<Unit, string>> = {
  change: 'Δ log π (reward ÷ β), nats',
  reward: 'reward, β × Δ log π',
  logp: 'log-probability, nats',
  'per-token': 'log-probability a token, nats',
};

const plain: readonly { id: string; words: string; as?: 'percent'; columns: readonly [column: string, words: string][] }[] = [
  { id: 'margin', words: 'margin of rewards', columns: [['rewards/margins', 'margin']] },
  {
    id: 'accuracy',
    words: 'pairs with a margin above 0',
    as: 'percent',
    columns: [
      ['rewards/accuracies', 'accuracy'],
      ['eval_rewards/accuracies', 'evaluation'],
    ],
  },
  { id: 'group-reward', words: 'reward', columns: [['reward', 'reward']] },
  {
    id: 'loss',
    words: 'loss',
    columns: [
      ['loss', 'loss'],
      ['eval_loss', 'evaluation'],
    ],
  },
  { id: 'kl', words: 'KL', columns: [['kl', 'KL']] },
  { id: 'length', words: 'tokens a response', columns: [['completion_length', 'length']] },
  { id: 'rate', words: 'learning rate', columns: [['learning_rate', 'rate']] },
];

/** The charts of a log: those of which it has numbers. */
export function stackOf(log: Pick<LogFacts, 'steps' | 'columns' | 'beta'>): StackRow[] {
  const take = (column: string, words: string, role: StackSeries['role'], divisor = 1): StackSeries[] => {
    const series = seriesOf(log, column);
    if (!series) return [];
    return [{ id: column, words, role, steps: series.steps, values: series.values.map((value) => value / divisor) }];
  };
  const unit = unitOf(log);
  const sides = unit
    ? (['chosen', 'rejected'] as const).flatMap((side) => {
        const { column, divisor } = sideColumn(unit, side, log.beta);
        return take(column, side, side, divisor);
      })
    : [];
  const first: StackRow[] = unit && sides.length > 0 ? [{ id: 'sides', words: sideTitle[unit], as: 'number', series: sides }] : [];
  const rest = plain.map(({ id, words, as = 'number' as const, columns }) => ({
    id,
    words,
    as,
    series: columns.flatMap(([column, name], i) => take(column, name, i === 0 ? 'ink' : 'other')),
  }));
  return [...first, ...rest.filter(({ series }) => series.length > 0)];
}

/** A moving mean over so many logged rows around each; over fewer at both ends, so that the ends stay where they are. */
export function smoothed(values: readonly number[], width: number): number[] {
  const half = width >> 1;
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  return values.map((_, i) => {
    const reach = Math.min(half, i, values.length - 1 - i);
    const [from, to] = [i - reach, i + reach + 1];
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
}

/** At most `most` points of a curve: means of neighbours, at the step of the last of them. */
export function thinned({ steps, values }: Pick<StackSeries, 'steps' | 'values'>, most: number): { steps: number[]; values: number[] } {
  const size = Math.ceil(values.length / most);
  if (size <= 1) return { steps: [...steps], values: [...values] };
  const out: { steps: number[]; values: number[] } = { steps: [], values: [] };
  for (let from = 0; from < values.length; from += size) {
    const group = values.slice(from, from + size);
    out.steps.push(steps[Math.min(values.length, from + size) - 1] ?? 0);
    out.values.push(group.reduce((sum, value) => sum + value, 0) / group.length);
  }
  return out;
}
