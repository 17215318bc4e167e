import { fixed } from '../../../shell/controls/format.ts';
import type { Comparison, Quantity } from './curves.ts';

const share = (value: number): string => `${fixed(100 * value, 0)}\u202f%`;

/** What the race can draw, in words, and how its values read. */
export const quantityWords: Readonly<Record<Quantity, { readonly title: string; readonly format: (value: number) => string }>> = {
  pass1: { title: 'pass@1: one try is right', format: share },
  pass8: { title: 'pass@8: one of 8 tries is right', format: share },
  pass64: { title: 'pass@64: one of 64 tries is right', format: share },
  pass512: { title: 'pass@512: one of 512 tries is right', format: share },
  entropy: { title: 'Entropy, in nats', format: (value) => fixed(value, 2) },
  kl: { title: 'KL to the start, in nats', format: (value) => fixed(value, 2) },
  effective: { title: 'Groups with a signal', format: share },
  clipped: { title: 'Clipped answers in a batch’s last update', format: share },
  gradient: { title: 'Length of the reward’s gradient', format: (value) => fixed(value, 3) },
};

export const comparisonWords: Readonly<Record<Comparison, { readonly title: string; readonly xLabel: string }>> = {
  updates: { title: 'by updates', xLabel: 'updates' },
  samples: { title: 'by samples', xLabel: 'answers drawn' },
  pass1: { title: 'at equal pass@1', xLabel: 'pass@1 reached' },
};

export const shareText = share;
