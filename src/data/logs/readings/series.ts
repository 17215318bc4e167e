export interface NonFinite {
  readonly column: string;
  readonly step: number;
  readonly value: number;
}

/** A training log as its readings see it. */
export interface LogFacts {
  readonly steps: readonly number[];
  /** TRL's names; NaN where a row has none */
  readonly columns: Readonly<Record<string, ArrayLike<number>>>;
  /** NaN and infinities that stand in the file */
  readonly nonFinite: readonly NonFinite[];
  /** no column names the step: `steps` counts rows */
  readonly isCounted?: boolean;
  /** where the log tells it; rewards are β times a change of log π */
  readonly beta: number | null;
}

/** What a log shows: evidence in its own numbers, what usually is the cause, and what helps. */
export interface Reading {
  readonly id: string;
  readonly text: string;
  readonly fromStep?: number;
  readonly causes: readonly string[];
  readonly remedies: readonly string[];
}

export type FindReading = (log: LogFacts) => Reading | null;

/** A column without its gaps. */
export interface Series {
  readonly steps: readonly number[];
  readonly values: readonly number[];
  /** means of the first and of the last fifth */
  readonly early: number;
  readonly late: number;
  /** standard error of such a mean, from how far neighbours usually are apart around their trend: single rows that stand out count little */
  readonly error: number;
}

/** What the median of distances is multiplied with to be a standard deviation of normal noise. */
const NORMAL = 1.4826;
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function seriesOf(log: Pick<LogFacts, 'steps' | 'columns'>, name: string): Series | null {
  const column = Object.hasOwn(log.columns, name) ? log.columns[name] : undefined;
  if (!column) return null;
  const places = [...log.steps.keys()].filter((i) => Number.isFinite(column[i]));
  if (places.length === 0) return null;
  const values = places.map((i) => column[i] as number);
  const count = Math.max(1, Math.floor(values.length / 5));
  const changes = values.slice(1).map((value, i) => value - (values[i] as number));
  const trend = changes.length > 0 ? medianOf(changes) : 0;
  const spread = changes.length > 1 ? (NORMAL * medianOf(changes.map((change) => Math.abs(change - trend)))) / Math.SQRT2 : 0;
  return {
    steps: places.map((i) => log.steps[i] as number),
    values,
    early: meanOf(values.slice(0, count)),
    late: meanOf(values.slice(-count)),
    error: spread / Math.sqrt(count),
  };
}

/** Rows of a log from which something is said of how it goes. */
export const isLong = (series: Series | null): series is Series => series !== null && series.values.length >= 4;

/** [rows] the median of those around each row: three of a short series, a twenty-fifth of a long one. */
export function calmed({ values }: Pick<Series, 'values'>): number[] {
  const half = Math.min(100, Math.max(1, Math.round(values.length / 50)));
  // at the end as many as before: one of two rows could not be told to stand out; the first row is where the run begins
  return values.map((value, i) => {
    const from = Math.max(0, Math.min(i - half, values.length - 2 * half - 1));
    return i === 0 ? value : medianOf(values.slice(from, i + half + 1));
  });
}

/** The step from which on a series does so to its end, calmed; undefined where it never does. */
export function fromWhen(series: Series, holds: (value: number) => boolean): number | undefined {
  const values = calmed(series);
  let from: number | undefined;
  for (let i = values.length - 1; i >= 0 && holds(values[i] as number); i--) from = series.steps[i];
  return from;
}

/** How far a side has moved since the reference. */
export interface Move {
  readonly series: Series;
  readonly by: number;
  /** in units of the implicit reward, β times nats; else in nats since the log's first rows */
  readonly isReward: boolean;
  /** what is no more than chance, or nothing against the margin */
  readonly least: number;
  /** the same by medians, which single rows do not move */
  readonly usual: number;
  /** the lowest that it came to in between, calmed, in the units of `by` */
  readonly lowest: { readonly by: number; readonly step: number };
}

/** Rewards that are a multiple of the log-probs: there is no reference (SimPO, ORPO, CPO). */
export function isReferenceFree(log: Pick<LogFacts, 'steps' | 'columns'>): boolean {
  const [rewards, logps] = [log.columns['rewards/chosen'], log.columns['logps/chosen']];
  if (!rewards || !logps) return false;
  const ratios = [...log.steps.keys()].map((i) => (rewards[i] ?? Number.NaN) / (logps[i] ?? Number.NaN)).filter(Number.isFinite);
  const first = ratios[0] ?? 0;
  return ratios.length >= 3 && first > 1e-6 && ratios.every((ratio) => Math.abs(ratio / first - 1) < 0.05);
}

/** The log-probs are means over tokens, as of IPO, ORPO and SimPO, and no sums: no response of a few words lies above −8 in all rows. */
export function inMeans(log: Pick<LogFacts, 'steps' | 'columns'>): boolean {
  const sides = ['logps/chosen', 'logps/rejected'].flatMap((name) => seriesOf(log, name)?.values ?? []);
  return sides.length > 0 && sides.every((value) => value > -8) && sides.some((value) => value < 0);
}

const endsOf = ({ values }: Series) => {
  const count = Math.max(1, Math.floor(values.length / 5));
  return { first: values.slice(0, count), last: values.slice(-count) };
};

/** What is told of a move besides its mean. */
function around(series: Series, start: number): Pick<Move, 'usual' | 'lowest'> {
  const values = calmed(series);
  const at = values.reduce((best, value, i) => (value < (values[best] ?? Number.POSITIVE_INFINITY) ? i : best), 0);
  return {
    usual: medianOf(endsOf(series).last) - start,
    lowest: { by: (values[at] ?? Number.NaN) - start, step: series.steps[at] ?? 0 },
  };
}

/** Whether a move is one: up by more than chance, or down; not by single rows alone. */
export const rises = ({ by, least, usual }: Move): boolean => by >= least && usual >= least / 2;
export const falls = ({ by, least, usual }: Move): boolean => by <= -least && usual <= -least / 2;

/** How a side's implicit reward moved; where there is none, or no reference, its log-probs since the first rows. */
export function moveOf(log: LogFacts, side: 'chosen' | 'rejected'): Move | null {
  const rewards = seriesOf(log, `rewards/${side}`);
  if (isLong(rewards) && !isReferenceFree(log)) {
    const margin = seriesOf(log, 'rewards/margins')?.late ?? 0;
    const least = Math.max(3 * rewards.error, 0.02, 0.05 * Math.abs(margin));
    return { series: rewards, by: rewards.late, isReward: true, least, ...around(rewards, 0) };
  }
  const logps = seriesOf(log, `logps/${side}`);
  if (!isLong(logps)) return null;
  const size = logps.values.every((value) => value > -8) ? 0.05 : 1; // means over tokens, or sums
  const by = logps.late - logps.early;
  const least = Math.max(4 * logps.error, size);
  return { series: logps, by, isReward: false, least, ...around(logps, medianOf(endsOf(logps).first)) };
}

/** Where a move began. */
export const beganAt = ({ series, by, isReward, least }: Move): number | undefined => {
  const start = isReward ? 0 : series.early;
  return fromWhen(series, (value) => (value - start) * Math.sign(by) > Math.min(least, Math.abs(by) / 4));
};

export const show = (value: number, digits = 3): string => {
  const text =
    Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toExponential(1) : String(Number(value.toPrecision(digits)));
  return text.replace('-', '−');
};

/** A step as a log has it: whole, however large. */
/** "step 60", or "row 60" where the log names no steps. */
export const showPlace = ({ isCounted }: Pick<LogFacts, 'isCounted'>, step: number): string =>
  isCounted ? `row ${showStep(step)}` : `step ${showStep(step)}`;

export const showStep = (step: number): string => (Number.isInteger(step) ? String(step).replace('-', '−') : show(step));

/** A reward as a change of log π: rewards / β. */
export function inNats(log: LogFacts, reward: number, isReward: boolean): string {
  if (!isReward) return '';
  return log.beta === null
    ? `Δ log π is the reward divided by your β, which the log does not name (at TRL’s default of 0.1, ${show(reward / 0.1)} nats).`
    : `Δ log π is the reward divided by β = ${show(log.beta)}: ${show(reward / log.beta)} nats.`;
}

/**
 * β where the log tells it: a column of it, or rewards and log-probs of the same pairs row by row, as in evaluation, whose changes then
 * have one ratio. Batches of training differ, and tell nothing.
 */
export function betaOf({ steps, columns }: Pick<LogFacts, 'steps' | 'columns'>): number | null {
  const own = seriesOf({ steps, columns }, 'beta');
  if (own && own.late > 0) return own.late;
  const ratios: number[] = [];
  for (const prefix of ['', 'eval_'])
    for (const side of ['chosen', 'rejected']) {
      const [rewards, logps] = [columns[`${prefix}rewards/${side}`], columns[`${prefix}logps/${side}`]];
      if (!rewards || !logps) continue;
      const places = [...steps.keys()].filter((i) => Number.isFinite(rewards[i]) && Number.isFinite(logps[i]));
      const found: number[] = [];
      for (const [k, i] of places.entries()) {
        const before = places[k - 1];
        if (before === undefined) continue;
        const [dReward, dLogp] = [(rewards[i] ?? 0) - (rewards[before] ?? 0), (logps[i] ?? 0) - (logps[before] ?? 0)];
        if (Math.abs(dLogp) > 0.05) found.push(dReward / dLogp);
      }
      if (found.length >= 2) ratios.push(...found);
      if (ratios.length > 0) break;
    }
  const sorted = [...ratios].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  if (middle === undefined || !(middle > 0)) return null;
  return sorted.every((ratio) => Math.abs(ratio / middle - 1) < 0.02) ? Number(middle.toPrecision(3)) : null;
}
