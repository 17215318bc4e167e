import { twoTokenAnswers } from '../../../atlas/toys/entanglement/two-token-answers.ts';
import { linear, logarithmic, type MapToy, type NumbersAbout } from './map-toy.ts';
import { displacementRegimes } from './regimes.ts';

const numbers = {
  cosine: {
    label: 'similarity cos(h_w, h_l)',
    path: 'policy.prefixes[2].hidden',
    key: 'cos',
    default: 0.5,
    range: linear(-0.99, 0.99),
    valid: [-1, 1],
  },
  chosenLength: {
    label: 'length ‖h_w‖',
    path: 'policy.prefixes[1].hidden',
    key: 'length',
    default: 1,
    range: logarithmic(0.1, 10),
    valid: [0.01, 100],
  },
} as const satisfies NumbersAbout;

export const hidden = {
  id: 'hidden',
  title: 'Two-token answers',
  about: 'Two answers whose last tokens are predicted from hidden vectors more or less alike, as CHES measures it.',
  x: 'cosine',
  y: 'chosenLength',
  start: { learningRate: 0.1, steps: 200 },
  rates: [1e-3, 10],
  numbers,
  isTrainable: true,
  metric: { id: 'ches', label: 'CHES at the end', unit: '', signed: true, measured: 'ches' },
  regimes: displacementRegimes,
  experiment: twoTokenAnswers,
} as const satisfies MapToy<Readonly<Record<keyof typeof numbers, number>>, 'fall' | 'takeover'>;
