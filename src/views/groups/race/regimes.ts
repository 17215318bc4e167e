import { mean } from '../../../core/numerics.ts';
import { fixed } from '../../../shell/controls/format.ts';
import { wholePercent } from '../../../shell/controls/whole-percent.ts';
import type { WorldKind } from '../settings.ts';
import { type Curve, quantityOf } from './curves.ts';

/** What has become of a method's policy since the start. */
export type Regime = 'start' | 'falls' | 'stays' | 'sharpens' | 'keeps' | 'widens';

/** Changes below this count as none: two points in a hundred. */
export const least = 0.02;

/** Means over seeds at the start and at one of the states that are drawn. */
export interface Change {
  readonly pass1: readonly [from: number, to: number];
  readonly pass512: readonly [from: number, to: number];
}

export function changeOf(curves: readonly Curve[], place: number): Change | null {
  if (curves.length === 0) return null;
  const at = (quantity: 'pass1' | 'pass512', i: number): number =>
    mean(
      curves.map((curve) => {
        const point = curve[Math.min(i, curve.length - 1)];
        return point ? quantityOf(point, quantity) : Number.NaN;
      }),
    );
  return { pass1: [at('pass1', 0), at('pass1', place)], pass512: [at('pass512', 0), at('pass512', place)] };
}

export function regimeOf({ pass1, pass512 }: Change, place: number): Regime {
  if (place === 0) return 'start';
  const [first, many] = [pass1[1] - pass1[0], pass512[1] - pass512[0]];
  if (first < -least) return 'falls';
  if (first < least) return 'stays';
  return many < -least ? 'sharpens' : many > least ? 'widens' : 'keeps';
}

/** The regime of a method in a sentence, with its numbers. */
export function regimeSentence(name: string, change: Change, place: number, world: WorldKind): string {
  const regime = regimeOf(change, place);
  if (world === 'bandit') return ofBandit(name, change, regime);
  const [one, many] = [
    `${wholePercent(change.pass1[0])} → ${wholePercent(change.pass1[1])}`,
    `${wholePercent(change.pass512[0])} → ${wholePercent(change.pass512[1])}`,
  ];
  switch (regime) {
    case 'start':
      return `All methods start from the same policy: one try is right for ${wholePercent(change.pass1[0])} of the time, one of 512 for ${wholePercent(change.pass512[0])}.`;
    case 'falls':
      return `${name} is right less often: pass@1 ${one}, pass@512 ${many}.`;
    case 'stays':
      return `${name} hardly changes pass@1, ${one}; pass@512 goes ${many}.`;
    case 'sharpens':
      return `${name} sharpens: one try is right more often, ${one}, but in 512 tries less is solved, ${many}.`;
    case 'widens':
      return `${name} learns new answers: pass@1 ${one}, and in 512 tries more is solved, too, ${many}.`;
    default:
      return `${name} learns, and forgets hardly anything: pass@1 ${one}, pass@512 ${many}.`;
  }
}

function ofBandit(name: string, { pass1, pass512 }: Change, regime: Regime): string {
  const [one, many] = [pass1, pass512].map(([from, to]) => `${fixed(from, 2)} → ${fixed(to, 2)}`);
  switch (regime) {
    case 'start':
      return `All methods start from the same policy: its expected reward is ${fixed(pass1[0], 2)}, and that of its best of 512 answers ${fixed(pass512[0], 2)}.`;
    case 'falls':
      return `${name} earns less, ${one}; its best of 512 answers goes ${many}.`;
    case 'stays':
      return `${name} hardly changes what it earns, ${one}; its best of 512 answers goes ${many}.`;
    case 'sharpens':
      return `${name} earns more, ${one}, but has less to choose from: its best of 512 answers goes ${many}.`;
    case 'widens':
      return `${name} earns more, ${one}, and its best of 512 answers, too: ${many}.`;
    default:
      return `${name} earns more, ${one}, and its best of 512 answers hardly changes, ${many}.`;
  }
}
