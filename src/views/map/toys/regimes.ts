import { moved } from '../../../core/regime.ts';
import { setting } from '../../../shell/controls/format.ts';
import type { RegimeSet } from './map-toy.ts';

/** Of regimes from harmless to harmful: light to dark, and apart for every kind of colour vision. */
export const [calm, mild, strong, worst] = ['#9fd0ff', '#f2d98b', '#d9762b', '#7a1f6b'] as const;
/** harmless at the end, but not on the way */
const passed = '#4d8ac7';

/** An answer has fallen by a threshold; one of 0 takes a fall, too. */
const isDown = (change: number, fall: number): boolean => change < 0 && change <= -fall;

/** Of toys that ask where the chosen answer stands after the last update, and where it has been. A run may still recover later. */
export const displacementRegimes = {
  worse: 'nearer to taken over',
  better: 'nearer to learned',
  regimes: [
    { label: 'learned', colour: calm, rule: ({ fall }) => `chosen not down, nor ever by ${setting(fall)} nats` },
    { label: 'recovered', colour: passed, rule: ({ fall }) => `chosen was down by ${setting(fall)} nats or more, and no longer is` },
    { label: 'eroded', colour: mild, rule: ({ fall }) => `chosen down by under ${setting(fall)} nats` },
    { label: 'displaced', colour: strong, rule: ({ fall }) => `chosen down by ${setting(fall)} nats or more` },
    {
      label: 'taken over',
      colour: worst,
      rule: ({ takeover }) => `and the answer that gained most has ${setting(100 * takeover)}\u202f% or more`,
    },
  ],
  thresholds: {
    // by how many nats the chosen answer must fall to count as displaced
    fall: { label: 'Displaced from a fall of (nats)', default: moved.nats, min: 0, max: 5, most: 20 },
    // from which probability on the top gainer counts as having taken over
    takeover: { label: 'Taken over from a probability of', default: 0.5, min: 0, max: 1 },
  },
  of: ({ chosenLogpChange, lowestChosenLogpChange, topGainerProb }, index, { fall, takeover }) => {
    const change = chosenLogpChange[index] ?? Number.NaN;
    if (isDown(change, fall)) return (topGainerProb[index] ?? 0) >= takeover ? 4 : 3;
    if (isDown(lowestChosenLogpChange[index] ?? Number.NaN, fall)) return 1;
    return change >= 0 ? 0 : 2;
  },
} as const satisfies RegimeSet<'fall' | 'takeover'>;
