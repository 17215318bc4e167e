import type { SweepResult } from '../core/experiment.ts';

/** What a map can be coloured by. */
export interface MapMetric {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** one colour on either side of 0, instead of from low to high */
  readonly signed: boolean;
  values(result: SweepResult): Float32Array;
}

export const metrics: readonly MapMetric[] = [
  { id: 'chosen', label: 'Change of log π(chosen)', unit: 'nats', signed: true, values: ({ chosenLogpChange }) => chosenLogpChange },
  {
    id: 'rejected',
    label: 'Change of log π(rejected)',
    unit: 'nats',
    signed: true,
    values: ({ rejectedLogpChange }) => rejectedLogpChange,
  },
  { id: 'margin', label: 'Margin log π(chosen) − log π(rejected)', unit: 'nats', signed: true, values: ({ margin }) => margin },
  { id: 'gainer', label: 'Probability of the top gainer', unit: '', signed: false, values: ({ topGainerProb }) => topGainerProb },
  { id: 'kl', label: 'KL to the reference', unit: 'nats', signed: false, values: ({ klToReference }) => klToReference },
  { id: 'entropy', label: 'Entropy', unit: 'nats', signed: false, values: ({ entropy }) => entropy },
  { id: 'loss', label: 'Loss', unit: 'nats', signed: false, values: ({ loss }) => loss },
];

/** Where the reader draws the lines between regimes. */
export interface RegimeThresholds {
  /** by how many nats the chosen answer must fall to count as displaced */
  readonly fall: number;
  /** from which probability on the top gainer counts as having taken over */
  readonly takeover: number;
}

/** The regimes of a run that ended, from harmless to harmful; the index is what `regimesOf` returns. */
export const regimes = [
  { label: 'learned', meaning: 'the chosen answer did not fall' },
  { label: 'eroded', meaning: 'it fell, by less than the threshold' },
  { label: 'displaced', meaning: 'it fell by the threshold or more' },
  { label: 'taken over', meaning: 'and another answer holds most of the mass' },
] as const;

/** [cells] index into `regimes`; -1 for a cell without a run that ended with finite numbers. */
export function regimesOf({ chosenLogpChange, topGainerProb }: SweepResult, { fall, takeover }: RegimeThresholds): Int8Array {
  return Int8Array.from(chosenLogpChange, (change, cell) => {
    if (!Number.isFinite(change)) return -1;
    if (change >= 0) return 0;
    if (change > -fall) return 1;
    return (topGainerProb[cell] ?? 0) >= takeover ? 3 : 2;
  });
}

/** The map as CSV: one row a cell, every metric, with how it can be made again in the first lines. */
export function mapCsv(
  result: SweepResult,
  x: { label: string; values: readonly number[] },
  y: { label: string; values: readonly number[] },
  notes: readonly string[],
): string {
  const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = [x.label, y.label, ...metrics.map(({ label, unit }) => (unit ? `${label} (${unit})` : label)), 'diverged runs'];
  const rows = y.values.flatMap((yValue, row) =>
    x.values.map((xValue, column) => {
      const cell = row * x.values.length + column;
      return [xValue, yValue, ...metrics.map((metric) => metric.values(result)[cell] ?? Number.NaN), result.diverged[cell] ?? 0].join();
    }),
  );
  return [...notes.map((note) => `# ${note}`), head.map(quote).join(), ...rows].join('\n');
}
