import { lawsOf } from '../../../atlas/toys/modes/scene.ts';
import { mean } from '../../../core/numerics.ts';
import type { OnPolicyRound } from '../../../core/on-policy.ts';
import { isOffline, type MethodId, paramsOf } from '../methods.ts';
import { ks, type PopulationNumbers, type PopulationOptions, populationNumbers } from '../population.ts';
import { batchesOf, type GroupsSettings } from '../settings.ts';
import { advantagesOf, ruleOf } from '../slow/advantage.ts';
import { type Clip, clipOf, clippedSide } from '../slow/clip.ts';
import { drawnPerBatch } from '../world.ts';

/** A state of a run that is drawn. */
export interface RacePoint extends PopulationNumbers {
  /** updates so far */
  readonly update: number;
  /** answers drawn so far */
  readonly samples: number;
  /** of the answers that the last update was made on, the shares clipped below and above; 0 before the first */
  readonly clippedLow: number;
  readonly clippedHigh: number;
}

/** One run, by ascending updates. */
export type Curve = readonly RacePoint[];

/** Most states of a run that are drawn. */
const mostPoints = 40;

/** The updates that are drawn: whole batches, evenly. */
export function drawnUpdates({ updates, reuse }: Pick<GroupsSettings, 'updates' | 'reuse'>): number[] {
  const batches = batchesOf({ updates, reuse });
  const stride = Math.max(1, Math.ceil(batches / mostPoints));
  const drawn = new Set<number>();
  for (let batch = 0; batch < batches; batch += stride) drawn.add(batch * reuse);
  return [...drawn.add(batches * reuse)];
}

/** What to record for them: clips need the state before the last update of a batch, and that at its beginning, too. */
export function recordedUpdates(settings: Pick<GroupsSettings, 'updates' | 'reuse'>): number[] {
  const { reuse } = settings;
  const around = (update: number): number[] => (update === 0 || reuse === 1 ? [update] : [update - reuse, update - 1, update]);
  return [...new Set(drawnUpdates(settings).flatMap(around))].sort((a, b) => a - b);
}

/** The shares of a batch's answers that are clipped in one of its updates. */
export function clippedShares(
  { groups = [], outcomeLogps: drawnFrom }: Pick<OnPolicyRound, 'groups' | 'outcomeLogps'>,
  now: readonly number[],
  id: MethodId,
  params: Readonly<Record<string, number | string>>,
  /** to each prompt */
  answers: number,
): { low: number; high: number } {
  const rule = ruleOf(id, params);
  const clip: Clip = clipOf(id, params);
  if (!rule || clip.kind === 'none') return { low: 0, high: 0 };
  const batch = groups.flatMap(({ rewards = [] }) => rewards);
  let [low, high] = [0, 0];
  for (const { prompt, responses, rewards = [] } of groups)
    for (const [i, { value }] of advantagesOf(rule, rewards, batch).entries()) {
      const at = prompt * answers + (responses[i] as number);
      const side = clippedSide(clip, Math.exp((now[at] ?? Number.NaN) - (drawnFrom[at] ?? Number.NaN)), value);
      if (side === 'low') low++;
      if (side === 'high') high++;
    }
  return { low: low / Math.max(1, batch.length), high: high / Math.max(1, batch.length) };
}

/** The curve of a run from the states that `recordedUpdates` asks for. */
export function curveOf(
  rounds: readonly OnPolicyRound[],
  id: MethodId,
  settings: GroupsSettings,
  rewards: PopulationOptions['rewards'],
): Curve {
  const { reuse, groupSize, world, scene } = settings;
  const source = world === 'bandit' && isOffline(id) ? { source: lawsOf(scene).data } : {};
  const answers = rewards[0]?.length ?? 0;
  const at = new Map(rounds.map((round) => [round.updates, round]));
  const start = at.get(0)?.outcomeLogps ?? [];
  const params = paramsOf(id, settings);
  return drawnUpdates(settings).flatMap((update): RacePoint[] => {
    const state = at.get(update);
    if (!state) return [];
    const [before, last] = [at.get(update - reuse), at.get(update - 1)];
    const clipped = reuse > 1 && before && last ? clippedShares(before, last.outcomeLogps, id, params, answers) : { low: 0, high: 0 };
    return [
      {
        update,
        samples: (update / reuse) * drawnPerBatch(settings),
        ...populationNumbers(state.outcomeLogps, { rewards, start, groupSize, ...source }),
        clippedLow: clipped.low,
        clippedHigh: clipped.high,
      },
    ];
  });
}

/** What the race can draw. */
export const quantities = ['pass1', 'pass8', 'pass64', 'pass512', 'entropy', 'kl', 'effective', 'clipped', 'gradient'] as const;
export type Quantity = (typeof quantities)[number];

const passPlace = (k: number): number => (ks as readonly number[]).indexOf(k);

export function quantityOf(point: RacePoint, quantity: Quantity): number {
  switch (quantity) {
    case 'entropy':
    case 'kl':
    case 'effective':
    case 'gradient':
      return point[quantity];
    case 'clipped':
      return point.clippedLow + point.clippedHigh;
    default:
      return point.pass[passPlace(Number(quantity.slice('pass'.length)))] ?? Number.NaN;
  }
}

/** By what methods are compared. */
export const comparisons = ['updates', 'samples', 'pass1'] as const;
export type Comparison = (typeof comparisons)[number];

/** Mean over seeds, and the lowest and the highest of them, at one place. */
export interface BandPoint {
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const bandAt = (x: number, values: readonly number[]): BandPoint => ({
  x,
  mean: mean(values),
  low: Math.min(...values),
  high: Math.max(...values),
});

/** A number at the first moment at which pass@1 has risen to a level, between two states linearly; null where it never has. */
export function whenPassed(curve: Curve, level: number, of: (point: RacePoint) => number): number | null {
  for (const [i, point] of curve.entries()) {
    const [now, before] = [quantityOf(point, 'pass1'), curve[i - 1]];
    if (now < level) continue;
    if (!before) return now === level ? of(point) : null; // it began above
    const then = quantityOf(before, 'pass1');
    return of(before) + ((level - then) / (now - then)) * (of(point) - of(before));
  }
  return null;
}

/** Levels of pass@1 at which methods are compared. */
export const levels: readonly number[] = Array.from({ length: 50 }, (_, i) => (i + 1) / 50);

/** The runs of a method as one line with its band. By pass@1: only levels that every seed has risen to from below. */
export function bandOf(curves: readonly Curve[], quantity: Quantity, comparison: Comparison): BandPoint[] {
  const [first] = curves;
  if (!first) return [];
  if (comparison === 'pass1')
    return levels.flatMap((level) => {
      const values = curves.map((curve) => whenPassed(curve, level, (point) => quantityOf(point, quantity)));
      return values.every((value) => value !== null) ? [bandAt(level, values)] : [];
    });
  return first.map((point, i) =>
    bandAt(
      comparison === 'updates' ? point.update : point.samples,
      curves.map((curve) => quantityOf(curve[i] ?? point, quantity)),
    ),
  );
}

/** pass@k of a method at an update, with its band over seeds. */
export const passBand = (curves: readonly Curve[], place: number): BandPoint[] =>
  ks.map((k, i) =>
    bandAt(
      k,
      curves.map((curve) => curve[Math.min(place, curve.length - 1)]?.pass[i] ?? Number.NaN),
    ),
  );
