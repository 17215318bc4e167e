import { moved } from '../../../core/regime.ts';
import { setting } from '../../../shell/controls/format.ts';
import type { RegimeSet } from './map-toy.ts';

/** Of regimes from harmless to harmful: light to dark, and apart for every kind of colour vision. */
export const [calm, mild, strong, worst] = ['#9fd0ff', '#f2d98b', '#d9762b', '#7a1f6b'] as const;

/** Of toys that ask where the chosen answer stands after the last update. A run may still recover, or have recovered: a sweep keeps ends only. */
export const displacementRegimes = {
  worse: 'loses more of the chosen answer',
  better: 'keeps more of it',
  regimes: [
    { label: 'learned', colour: calm, rule: () => 'chosen not down' },
    { label: 'eroded', colour: mild, rule: ({ fall }) => `chosen down by under ${setting(fall)} nats` },
    { label: 'displaced', colour: strong, rule: ({ fall }) => `chosen down by ${setting(fall)} nats or more` },
    { label: 'taken over', colour: worst, rule: ({ takeover }) => `and another has ${setting(100 * takeover)}\u202f% or more` },
  ],
  thresholds: {
    // by how many nats the chosen answer must fall to count as displaced
    fall: { label: 'Displaced from a fall of (nats)', default: moved.nats, min: 0, max: 5, most: 20 },
    // from which probability on the top gainer counts as having taken over
    takeover: { label: 'Taken over from a probability of', default: 0.5, min: 0, max: 1 },
  },
  of: ({ chosenLogpChange, topGainerProb }, index, { fall, takeover }) => {
    const change = chosenLogpChange[index] ?? Number.NaN;
    if (change >= 0) return 0;
    if (change > -fall) return 1;
    return (topGainerProb[index] ?? 0) >= takeover ? 3 : 2;
  },
} as const satisfies RegimeSet<'fall' | 'takeover'>;
