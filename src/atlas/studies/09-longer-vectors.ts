import type { Experiment, FeaturesPolicy } from '../../core/experiment.ts';
import { softmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import { at, dot, matrixOf, toyRandom, vectorOf } from '../toys/vectors.ts';

interface Truth {
  /** the rejected token's vector 2.2 u, and 2.2 v with v ⟂ u */
  readonly aligned: FeaturesPolicy;
  readonly orthogonal: FeaturesPolicy;
  /** [length] the rejected token's vector s u */
  readonly lengths: readonly FeaturesPolicy[];
}

const size = 8;
/** How long the rejected token's vector is, as a multiple of the preferred one's. */
const lengths = [0.5, 0.8, 1, 2.2];
const opposite = 2;

const run = (policy: FeaturesPolicy, beta = 0.1): Experiment => ({
  policy,
  pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
  objective: { name: 'dpo', params: { beta } },
  optimizer: { kind: 'sgd', learningRate: 0.5, steps: 25 },
});

function truthOf(seed: number): Truth {
  const nearOf =
    (random: ReturnType<typeof toyRandom>) =>
    (axis: number, length: number): number[] =>
      vectorOf(random, size, 0.05).map((x, i) => x + (i === axis ? length : 0));
  const first = toyRandom(seed);
  const near = nearOf(first);
  const others = matrixOf(first, 7, size, 0.2);
  const [preferred, contrary, hidden] = [near(0, 1), near(0, -1.5), near(0, 0.3)];
  const along = (axis: number): FeaturesPolicy => ({
    kind: 'features',
    hidden: [hidden],
    unembedding: [preferred, near(axis, 2.2), contrary, ...others],
  });
  const [aligned, orthogonal] = [along(0), along(1)];
  const second = toyRandom(seed);
  const nearby = nearOf(second);
  const [u, against, h, own] = [nearby(0, 1), nearby(0, -1.5), nearby(0, 0.3), nearby(0, 0)];
  const rest = matrixOf(second, 7, size, 0.2);
  return {
    aligned,
    orthogonal,
    lengths: lengths.map((s) => ({
      kind: 'features',
      hidden: [h],
      unembedding: [u, own.map((x, i) => x + (i === 0 ? s : 0)), against, ...rest],
    })),
  };
}

/** Gain of the opposite token where the preferred one fell, the margin grew and the control rose; else 0. */
function gainOfOpposite({ truth: { aligned }, trials: [first, control] }: Run<Truth>): number {
  const change = (measure: string, trial = first): number => trial?.measures[measure] ?? Number.NaN;
  const [fell, grew] = [change('chosenLogpChange') < 0, change('chosenLogpChange') > change('rejectedLogpChange')];
  if (!(fell && grew && change('chosenLogpChange', control) > 0)) return 0;
  const before = softmax(aligned.unembedding.map((row) => dot(row, at(aligned.hidden, 0))));
  return Math.exp(first?.outcomeLogps?.[opposite] ?? Number.NaN) - at(before, opposite);
}

export const study = defineStudy<Truth>()({
  id: '09-longer-vectors',
  finding: 'An aligned and longer rejected vector can displace',
  mechanism:
    'In this toy a rejected vector along the preferred one pulls it down where it is clearly longer, in these 25 steps on average from about 1.3 times on, in nearly all draws from 1.5. ⟨W₊, W₋⟩ > ‖W₊‖² holds from 1 on already: it is a rough sign. Aligned is not enough.',
  setup:
    'Ten tokens, vectors of eight numbers: preferred u, rejected s u or 2.2 v with v ⟂ u, opposite -1.5 u, the others from N(0, 0.2²); every number is moved by N(0, 0.05²); h near 0.3 u; DPO with β = 0.1, both trained, 25 steps of 0.5.',
  leavesOut: 'One prompt and vectors of a made-up shape; in language models many prompts share an unembedding.',
  tex: String.raw`\langle W_{+},W_{-}\rangle>\|W_{+}\|^{2}`,
  provenance: 'our reading',
  parameters: {
    beta: { label: 'Temperature of DPO', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 },
  },
  toy: (seed) => {
    const truth = truthOf(seed);
    return { experiment: run(truth.aligned), truth };
  },
  arms: {
    directions: { label: 'Along it and across', train: ({ truth: { aligned, orthogonal } }) => [run(aligned), run(orthogonal)] },
    half: { label: 's = 0.5', train: ({ truth }) => run(at(truth.lengths, 0)) },
    shorter: { label: 's = 0.8', train: ({ truth }) => run(at(truth.lengths, 1)) },
    equal: { label: 's = 1', train: ({ truth }) => run(at(truth.lengths, 2)) },
    longer: { label: 's = 2.2', train: ({ truth }) => run(at(truth.lengths, 3)) },
  },
  measures: {
    opposite: {
      label: 'gain of the opposite token where the preferred one fell, the margin grew and the control rose; else 0',
      arms: ['directions'],
      of: gainOfOpposite,
    },
    change: { label: 'change of ln π of the preferred token', unit: 'nats', of: 'chosenLogpChange' },
    fall: {
      label: 'fall of ln π of the preferred token',
      unit: 'nats',
      of: ({ trial }) => -(trial.measures['chosenLogpChange'] ?? Number.NaN),
    },
    rejected: { label: 'change of ln π of the rejected token', unit: 'nats', of: 'rejectedLogpChange' },
  },
  plot: { kind: 'strip', y: 'change', arms: ['half', 'shorter', 'equal', 'longer'] },
  claims: [
    {
      id: 'opposite-gains',
      statement:
        'In this model, if the rejected token’s vector is about 2.2 times the preferred one’s, the preferred token falls and its opposite gains in nearly all draws; if it is orthogonal, the preferred token rises.',
      where: 'section 4',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which the opposite gains so much',
      tex: String.raw`W_{-}\approx 2.2\,W_{+}:\ \Delta\ln\pi(y^{+})<0,\ \Delta\pi(\text{opposite})>0.05;\qquad W_{-}\perp W_{+}:\ \Delta\ln\pi(y^{+})>0`,
      left: ['directions', 'opposite'],
      by: { share: 0.95 },
      bound: { atLeast: 0.05 },
      because: 'the page’s own choice: five percentage points',
      expected: 'holds',
    },
    {
      id: 'longer-displaces',
      statement:
        'In this model a rejected vector along the preferred one displaces it, in nearly all draws, where it is 2.2 times as long, and does not where it is as long or shorter.',
      where: 'section 4',
      kind: 'toy',
      refutedBy: 'a rejected vector that displaces without being longer, or does not at 2.2 times, in more seeds',
      tex: String.raw`W_{-}\approx s\,W_{+}:\quad\Delta\ln\pi(y^{+})>0\text{ for }s\in\{0.5,\,0.8,\,1\},\quad\Delta\ln\pi(y^{+})<0\text{ for }s=2.2`,
      left: ['half', 'change'],
      and: [{ left: ['shorter', 'change'] }, { left: ['equal', 'change'] }, { left: ['longer', 'fall'] }],
      by: { share: 0.95 },
      bound: { atLeast: 1e-4 },
      because: 'above 0 by more than float32 rounds a log-probability below 16',
      expected: 'holds',
    },
  ],
  seeds: { page: 60, test: 2 },
});
