import { firstOrder } from '../../../atlas/toys/displacement/first-order.ts';
import {
  chosenToken,
  noOverNever,
  rejectedToken,
  type ToyVectors,
  tokens,
  toyPolicy,
  toyVectors,
} from '../../../atlas/toys/displacement/no-over-never.ts';
import { ranges } from '../../../atlas/toys/ranges.ts';
import { logSoftmax } from '../../../core/softmax.ts';
import { cosine, dot, norm, withCosine, withNorm } from '../../../core/vectors.ts';
import { table } from '../../../shell/links/fields.ts';
import { vectorFields } from '../../../shell/links/vectors-link.ts';
import { linear, logarithmic, type MapToy, type NumbersAbout } from './map-toy.ts';
import { displacementRegimes } from './regimes.ts';

const numbers = {
  scale: { label: 'scale c', path: 'policy.scale', default: 3, range: ranges.scale },
} as const satisfies NumbersAbout;

type Own = Readonly<Record<keyof typeof numbers, number>> & { readonly vectors: ToyVectors };

export const displacement = {
  id: 'displacement',
  title: 'No over Never',
  about: 'One pair, “No” over “Never”, and six token vectors: when is “No” lower after the last update than at its start?',
  caution:
    'The map shows each run after its last update, and “displaced” may pass. With DPO, β = 0.1, the toy’s own vectors, both trained, c = 3, η = 0.1, ' +
    'π(No) goes from 75.6 % to 4.1 % at update 200 and is back at its start at update 1681. At c = 4 it has not come back by update 2000. ' +
    '“Recovered” is a run that was displaced after some update and is not any more. One that still swings is coloured by where it was cut off: ' +
    'the run at the pointer says when it was displaced by five points, and whether it swings.',
  opensIn: {
    view: 'displacement',
    settings: ({ train, scale, vectors, objective, learningRate, steps }) => ({ train, scale, vectors, objective, learningRate, steps }),
  },
  x: 'scale',
  y: 'learningRate',
  start: { learningRate: 0.1, steps: 200 },
  rates: [1e-3, 10],
  numbers,
  axes: [
    {
      // by turning the rejected token's vector
      id: 'similarity',
      label: 'similarity cos(W_w, W_l)',
      path: `policy.unembedding[${rejectedToken}]`,
      range: linear(-0.99, 0.99),
      valid: [-1, 1],
      value: ({ vectors: { unembedding } }) => cosine(unembedding[chosenToken] ?? [], unembedding[rejectedToken] ?? []),
      set: ({ vectors }, value) => {
        const { unembedding } = vectors;
        const turned = withCosine(unembedding[chosenToken] ?? [], unembedding[rejectedToken] ?? [], value);
        return { vectors: { ...vectors, unembedding: unembedding.map((row, i) => (i === rejectedToken ? turned : row)) } };
      },
    },
    {
      // as large logits at the start as one likes
      id: 'size',
      label: 'initial scale ‖h‖',
      path: 'policy.hidden[0]',
      range: logarithmic(0.5, 15),
      valid: [Number.MIN_VALUE, 20],
      value: ({ vectors }) => norm(vectors.hidden),
      set: ({ vectors }, value) => ({ vectors: { ...vectors, hidden: withNorm(vectors.hidden, value) } }),
    },
  ],
  rest: { defaults: { vectors: toyVectors }, ...table<Pick<Own, 'vectors'>>({ vectors: vectorFields }) },
  isTrainable: true,
  takesGroups: true,
  outcomes: tokens,
  pair: [chosenToken, rejectedToken],
  regimes: displacementRegimes,
  experiment: (base) => {
    const { record: _, ...experiment } = noOverNever({ ...base, sync: null });
    // unscaled vectors, with c as a number of the policy that an axis can vary
    return { ...experiment, policy: { ...toyPolicy(1, base.train, base.vectors), scale: base.scale } };
  },
  // theorems 4 and 5 of arXiv:2410.08847 in compact form
  firstMove: ({ scale, train, vectors }) => {
    const logps = logSoftmax(vectors.unembedding.map((row) => dot(row, vectors.hidden)));
    const [chosen = Number.NaN, rejected = Number.NaN] = [logps[chosenToken], logps[rejectedToken]];
    return {
      state: { chosen, rejected, refChosen: chosen, refRejected: rejected },
      move: (forces) => {
        const { rate, unit } = firstOrder(toyPolicy(scale, train, vectors), chosenToken, rejectedToken, forces);
        return { chosen: unit * (rate[chosenToken] ?? Number.NaN), rejected: unit * (rate[rejectedToken] ?? Number.NaN) };
      },
    };
  },
} as const satisfies MapToy<Own, 'fall' | 'takeover'>;
