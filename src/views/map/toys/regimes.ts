import type { RegimeSet } from '../map-toy.ts';

/** Of regimes from harmless to harmful: light to dark, and apart for every kind of colour vision. */
export const [calm, mild, strong, worst] = ['#9fd0ff', '#f2d98b', '#d9762b', '#7a1f6b'] as const;

/** Of toys that ask what becomes of the chosen answer. */
export const displacementRegimes = {
  regimes: [
    { label: 'learned', meaning: 'the chosen answer did not fall', colour: calm },
    { label: 'eroded', meaning: 'it fell, by less than the threshold', colour: mild },
    { label: 'displaced', meaning: 'it fell by the threshold or more', colour: strong },
    { label: 'taken over', meaning: 'and another answer holds most of the mass', colour: worst },
  ],
  thresholds: {
    // by how many nats the chosen answer must fall to count as displaced
    fall: { label: 'Displaced from a fall of (nats)', default: 0.5, min: 0, max: 5, most: 20 },
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
