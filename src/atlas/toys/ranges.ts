import type { Range } from '../../core/range.ts';

/** How far the page's controls go for what runs of the toys have in common. */
export const ranges = {
  learningRate: { min: 1e-4, max: 1000, logarithmic: true, integer: false },
  scale: { min: 1, max: 5, logarithmic: false, integer: false },
  steps: { min: 10, max: 2000, logarithmic: true, integer: true },
} as const satisfies Record<'learningRate' | 'scale' | 'steps', Range>;
