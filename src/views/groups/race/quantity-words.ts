import { fixed } from '../../../shell/controls/format.ts';
import { wholePercent } from '../../../shell/controls/whole-percent.ts';
import type { WorldKind } from '../settings.ts';
import type { Comparison, Quantity } from './curves.ts';

const rewardText = (value: number): string => fixed(value, 2);

/** A quantity in words, and how its values read. */
export interface QuantityWords {
  readonly title: string;
  readonly format: (value: number) => string;
}

const ofPrompts: Readonly<Record<Quantity, QuantityWords>> = {
  pass1: { title: 'pass@1: one try is right', format: wholePercent },
  pass8: { title: 'pass@8: one of 8 tries is right', format: wholePercent },
  pass64: { title: 'pass@64: one of 64 tries is right', format: wholePercent },
  pass512: { title: 'pass@512: one of 512 tries is right', format: wholePercent },
  entropy: { title: 'Entropy, in nats', format: (value) => fixed(value, 2) },
  kl: { title: 'KL to the start, in nats', format: (value) => fixed(value, 2) },
  effective: { title: 'Groups with a signal', format: wholePercent },
  clipped: { title: 'Clipped answers in a batch’s last update', format: wholePercent },
  gradient: { title: 'Length of the reward’s gradient', format: (value) => fixed(value, 3) },
};
const ofBandit: typeof ofPrompts = {
  ...ofPrompts,
  pass1: { title: 'Expected reward', format: rewardText },
  pass8: { title: 'Expected reward of the best of 8', format: rewardText },
  pass64: { title: 'Expected reward of the best of 64', format: rewardText },
  pass512: { title: 'Expected reward of the best of 512', format: rewardText },
};

/** What the race can draw. */
export const quantityWords = (world: WorldKind): Readonly<Record<Quantity, QuantityWords>> => (world === 'bandit' ? ofBandit : ofPrompts);

interface ComparisonWords {
  readonly title: string;
  readonly xLabel: string;
}
const byPass: Readonly<Record<Comparison, ComparisonWords>> = {
  updates: { title: 'by updates', xLabel: 'updates' },
  samples: { title: 'by samples', xLabel: 'answers drawn' },
  pass1: { title: 'at equal pass@1', xLabel: 'pass@1 reached' },
};
const byReward: typeof byPass = { ...byPass, pass1: { title: 'at equal reward', xLabel: 'expected reward reached' } };
export const comparisonWords = (world: WorldKind): Readonly<Record<Comparison, ComparisonWords>> =>
  world === 'bandit' ? byReward : byPass;

/** What the best of k answers is, in short, and how it reads. */
export const bestWords = (world: WorldKind) =>
  world === 'bandit'
    ? {
        chart: 'Reward of the best of k',
        against: 'Expected reward of the best of k answers against k',
        of: (k: number): string => (k === 1 ? 'Reward' : `Best of ${k}`),
        format: rewardText,
      }
    : { chart: 'pass@k', against: 'pass@k against k', of: (k: number): string => `pass@${k}`, format: wholePercent };
