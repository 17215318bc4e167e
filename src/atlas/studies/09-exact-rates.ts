import type { FeaturesPolicy, Pair } from '../../core/experiment.ts';
import { rankCorrelation } from '../../core/rank-correlation.ts';
import { softmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import {
  chosen,
  difference,
  longAnswers,
  randomFeatures,
  rejected,
  sequenceFeatures,
  sequenceTheorems,
  still,
  tokenTheorems,
  watched,
} from '../toys/displacement/random-features.ts';
import { at, dot, float32Roundoff, matrixOf, times, toyRandom } from '../toys/vectors.ts';

interface Truth {
  readonly six: FeaturesPolicy;
  readonly twelve: FeaturesPolicy;
  readonly prompts: FeaturesPolicy;
}

const pair: Pair = { prompt: 0, chosen, rejected };
const answers = [longAnswers.chosen, longAnswers.rejected, longAnswers.other];
/** One pair contradicts the first, one shares no token with it. */
const three: Pair[] = [pair, { prompt: 1, chosen: 2, rejected: 0 }, { prompt: 2, chosen: 3, rejected: 4 }];

/** -ℓ' of DPO where the policy is still its reference, for a mean over one pair. */
const forceOf = ({ values: { beta = 0.3 } }: Run<Truth>): number => beta / 2;
const ratesOf = ({ trial: { diagnoses = [] } }: Run<Truth>): number[] => diagnoses.map(({ chosenRate }) => chosenRate * diagnoses.length);

function otherPairsError(run: Run<Truth>): number {
  const { hidden, unembedding } = run.truth.prompts;
  const h = at(hidden, 0);
  const pi = softmax(unembedding.map((row) => dot(row, h)));
  const terms = three.slice(1).map(({ prompt, chosen: yes, rejected: no }) => {
    const alpha = Number(yes === 0) - Number(no === 0) + at(pi, no as number) - at(pi, yes as number);
    return forceOf(run) * alpha * dot(h, at(hidden, prompt));
  });
  const [alone, together] = run.trials.map(({ diagnoses = [] }) => (diagnoses[0]?.chosenRate ?? Number.NaN) * diagnoses.length);
  return difference([(together ?? Number.NaN) - (alone ?? Number.NaN)], [terms.reduce((sum, x) => sum + x, 0)]);
}

const rounding = 'rounding alone: a few hundred products of numbers below 10, in float32 on WebGPU and in float64 on the CPU';

export const study = defineStudy<Truth>()({
  id: '09-exact-rates',
  finding: 'To first order, vectors decide which answers gain',
  mechanism:
    'Where free hidden vectors and one unembedding are trained, a pair moves every answer at a rate that inner products and probabilities give. The theorems print every term.',
  setup:
    'Vectors of three numbers from N(0, 1) and DPO at its start: six tokens; twelve tokens; answers of four, three and three tokens of five, with a free hidden vector for every prefix and unembeddings from N(0, 0.7²); three prompts and five tokens.',
  leavesOut: 'The theorems are of gradient flow at one moment, in a model whose hidden vectors are free.',
  tex: String.raw`\tfrac{d}{dt}\ln\pi(z)=-\ell'\big[\langle W_z-\bar W,\,W_{+}-W_{-}\rangle+(\mathbb 1_{z=+}-\mathbb 1_{z=-}-\pi_{+}+\pi_{-})\|h\|^2\big]`,
  provenance: 'our reading',
  parameters: {
    beta: { label: 'Temperature of DPO', symbol: '\\beta', min: 0.02, max: 1, default: 0.3 },
  },
  toy: (seed) => {
    const six = randomFeatures(seed);
    const random = toyRandom(seed);
    const prompts: FeaturesPolicy = { kind: 'features', hidden: matrixOf(random, 3, 3), unembedding: matrixOf(random, 5, 3) };
    return { experiment: still(six, [pair]), truth: { six, twelve: randomFeatures(seed, 12), prompts } };
  },
  arms: {
    token: { label: 'Single tokens', train: ({ truth: { six }, values: { beta } }) => watched(six, pair, tokenTheorems(six).others, beta) },
    twelve: {
      label: 'Twelve tokens',
      train: ({ truth: { twelve }, values: { beta } }) => watched(twelve, pair, tokenTheorems(twelve).others, beta),
    },
    sequence: {
      label: 'Several tokens',
      train: ({ seed, values: { beta } }) =>
        watched(
          sequenceFeatures(seed, answers),
          { prompt: 0, chosen: longAnswers.chosen, rejected: longAnswers.rejected },
          [longAnswers.other],
          beta,
        ),
    },
    prompts: {
      label: 'Three prompts',
      train: ({ truth: { prompts }, values: { beta } }) =>
        [three.slice(0, 1), three].map((pairs) => ({ diagnose: still(prompts, pairs, beta) })),
    },
  },
  measures: {
    token: {
      label: 'largest difference of the theorems from the engine’s gradients, over the chosen token and the four outside the pair',
      arms: ['token'],
      of: (run) => {
        const { chosenRate, otherRates } = tokenTheorems(run.truth.six);
        return difference(ratesOf(run), times(forceOf(run), [chosenRate, ...otherRates]));
      },
    },
    rank: {
      label: 'rank correlation of the rates with ⟨W_z, W₊ - W₋⟩ over the ten other tokens',
      arms: ['twelve'],
      of: (run) => rankCorrelation(ratesOf(run).slice(1), tokenTheorems(run.truth.twelve).alignment),
    },
    sequence: {
      label: 'largest difference of the theorems from the engine: rates of the chosen and of a third answer, CHES and normalised CHES',
      arms: ['sequence'],
      of: (run) => {
        const theorems = sequenceTheorems(sequenceFeatures(run.seed, answers));
        const { ches = Number.NaN, chesNormalised = Number.NaN } = run.trial.diagnoses?.[0] ?? {};
        return difference(
          [...ratesOf(run), ches ?? Number.NaN, chesNormalised ?? Number.NaN],
          [...times(forceOf(run), theorems.rates), ...theorems.ches],
        );
      },
    },
    prompts: { label: 'difference of the printed terms from what the two other pairs change', arms: ['prompts'], of: otherPairsError },
  },
  plot: { kind: 'strip', y: 'rank', arms: ['twelve'] },
  claims: [
    {
      id: 'displacement-rate',
      statement:
        'For one prompt and one token, an exact formula of the vectors says how fast the preferred token, and every other one, gains or loses.',
      where: 'Theorems 4 and 5',
      kind: 'identity',
      refutedBy: 'a difference beyond rounding in one seed',
      left: ['token', 'token'],
      by: 'each',
      bound: { atMost: { cpu: 1e-11, webgpu: 512 * float32Roundoff } },
      because: rounding,
      expected: 'holds',
    },
    {
      id: 'gainer-rank',
      statement:
        'Of the tokens outside the pair, those whose vectors reach farthest along “preferred minus rejected” gain most log-probability in a small step.',
      where: 'Theorem 5',
      kind: 'identity',
      refutedBy: 'two tokens that change places in one seed',
      tex: String.raw`\operatorname{rank}_{z}\,\tfrac{d}{dt}\ln\pi(z)=\operatorname{rank}_{z}\,\langle W_z,\,W_{+}-W_{-}\rangle,\quad z\notin\{y^{+},y^{-}\}`,
      left: ['twelve', 'rank'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'the two rankings are the same, not merely alike',
      expected: 'holds',
    },
    {
      id: 'sequence-rate',
      statement:
        'For longer answers the rate contains a sum over pairs of positions: products of hidden vectors, weighted by how alike the predictions’ errors are.',
      where: 'Theorems 6 and 7, Definitions 2 and 3',
      kind: 'identity',
      refutedBy: 'a difference beyond rounding in one seed',
      tex: String.raw`\tfrac{d}{dt}\ln\pi(y^{+})=-\ell'\Big[m+S-\sum_{k,k'}\alpha^{-}_{k,k'}\langle h_{y^{+}_{<k}},h_{y^{-}_{<k'}}\rangle+\sum_{k,k'}\alpha^{+}_{k,k'}\langle h_{y^{+}_{<k}},h_{y^{+}_{<k'}}\rangle\Big]`,
      left: ['sequence', 'sequence'],
      by: 'each',
      bound: { atMost: { cpu: 1e-11, webgpu: 2048 * float32Roundoff } },
      because: rounding,
      expected: 'holds',
    },
    {
      id: 'other-pairs',
      statement:
        'A pair of another prompt changes the rate at this prompt by one printed term, which is negative where it contradicts and the hidden vectors point the same way.',
      where: 'Theorem 8',
      kind: 'identity',
      refutedBy: 'a difference beyond rounding in one seed',
      tex: String.raw`\tfrac{-\ell'}{|\mathcal D|}\,\alpha_{x,\tilde x}\langle h_x,h_{\tilde x}\rangle,\quad\alpha_{x,\tilde x}=\mathbb 1[y^{+}=\tilde y^{+}]-\mathbb 1[y^{+}=\tilde y^{-}]+\pi(\tilde y^{-}|x)-\pi(\tilde y^{+}|x)`,
      left: ['prompts', 'prompts'],
      by: 'each',
      bound: { atMost: { cpu: 1e-11, webgpu: 2048 * float32Roundoff } },
      because: rounding,
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 3 },
});
