import type { Experiment, ObjectiveChoice, PairDiagnosis } from '../../core/experiment.ts';
import { defineStudy, type Outcome, type Run, type Task } from '../study.ts';
import { beta, fallingSuffix, force, geometryOf, randomSuffix, suffixOf, withLikelihood } from '../toys/entanglement/random-suffix.ts';
import { type SuffixSettings, sharedSuffix, suffixGeometry } from '../toys/entanglement/shared-suffix.ts';
import { at, float32Roundoff, worst } from '../toys/vectors.ts';

interface Truth {
  /** of each shared word after the chosen and after the rejected first word */
  readonly p: number;
  readonly q: number;
  /** the shortest suffix that entangles */
  readonly length: number;
  /** where both answers fall under DPO */
  readonly falling: SuffixSettings;
}

const step = 2 ** -6;
const losses: readonly ObjectiveChoice[] = [
  { name: 'dpo', params: { beta } },
  { name: 'robust', params: { beta, labelSmoothing: 0.1 } },
  { name: 'ipo_sum' },
  { name: 'hinge', params: { beta } },
];
const [rateLengths, cosineLengths] = [
  [0, 3, 8, 20],
  [0, 2, 5, 9, 20],
];
const caseLengths = ({ length }: Truth): number[] => [Math.floor(length), Math.floor(length) + 1, 20];
const beyond = ({ length, p, q }: Truth): SuffixSettings => ({ ...suffixOf(Math.ceil(1.5 * length), p, q), learningRate: step });

const missing = { chosenRate: Number.NaN, rejectedRate: Number.NaN } as PairDiagnosis;
const found = ({ diagnoses }: Outcome): PairDiagnosis => diagnoses?.[0] ?? missing;
const share = (right: readonly boolean[]): number => right.filter(Boolean).length / right.length;

/** Movements of both log-probabilities, for each unit of the step. */
const moved = ({ measures }: Outcome): { chosen: number; rejected: number } => ({
  chosen: (measures['chosenLogpChange'] ?? Number.NaN) / step,
  rejected: (measures['rejectedLogpChange'] ?? Number.NaN) / step,
});

function ratesError({ truth: { p, q }, trials }: Run<Truth>): number {
  const measured = trials.map(found).flatMap(({ chosenRate, rejectedRate }) => [chosenRate / force, rejectedRate / force]);
  const exact = rateLengths.flatMap((m) => [1 - 2 * m * (1 - p) * (p - q), -1 - 2 * m * (1 - q) * (p - q)]);
  return worst(measured.map((x, i) => x - at(exact, i))) / worst(exact);
}

/** Log of the ratio of the norms, the one that should be longer over the other; the smaller of both lengths. */
const longerBy = ({ trials }: Run<Truth>): number =>
  Math.min(
    ...trials.map(found).map(({ pattern, chosenGradNormSq, rejectedGradNormSq }) => {
      const log = Math.log(rejectedGradNormSq / chosenGradNormSq) / 2;
      return pattern === 'both-down' ? log : pattern === 'both-up' ? -log : Number.NaN;
    }),
  );

/** Ratios d_w / d_l just outside and inside either end of the interval, and the signs of both rates there. */
function doses({ chosenGradNormSq: w, rejectedGradNormSq: l, innerProduct: inner }: PairDiagnosis) {
  const [low, high] = [inner / w, l / inner];
  const edge = 0.01 * (high - low);
  return [
    { ratio: low - edge, chosen: -1, rejected: -1 },
    { ratio: low + edge, chosen: 1, rejected: -1 },
    { ratio: high - edge, chosen: 1, rejected: -1 },
    { ratio: high + edge, chosen: 1, rejected: 1 },
  ];
}

/** Updates of DPO that the picture shows. */
const moves = 10;

/** Lengths of both answers under SimPO, and the sign of the preferred one's rate; certain words change a length and nothing else. */
function paddings({ falling }: Truth, { innerProduct, chosenGradNormSq }: PairDiagnosis) {
  const n = falling.suffix + 1;
  const needed = (n * innerProduct) / chosenGradNormSq;
  const padding = Math.ceil(needed) + 1;
  return {
    padding,
    lengths: [
      { chosen: n + padding, rejected: n, sign: -1 },
      { chosen: n, rejected: n, sign: -1 },
      { chosen: n, rejected: Math.ceil(needed) - 1, sign: -1 },
      { chosen: n, rejected: Math.floor(needed) + 1, sign: 1 },
    ],
  };
}

function simpo(truth: Truth, geometry: PairDiagnosis): Task[] {
  const { policy, pairs } = sharedSuffix(truth.falling);
  const answer = (first: number, length: number): number[] => [first, ...new Array<number>(length - 1).fill(0)];
  const { padding, lengths } = paddings(truth, geometry);
  return lengths.map(({ chosen, rejected }) => ({
    diagnose: {
      policy: { ...policy, logits: [...policy.logits, ...Array.from({ length: padding }, () => [0, null, null])] },
      pairs: [{ ...at(pairs, 0), chosen: answer(0, chosen), rejected: answer(1, rejected) }],
      objective: { name: 'simpo' },
      optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
    } satisfies Experiment,
  }));
}

export const study = defineStudy<Truth>()({
  id: '34-suffix',
  finding: 'One push can move both answers together',
  mechanism:
    'In this toy, two answers that differ in one word and go on alike have gradients that grow more alike with every shared word. With enough of them, the larger one can drag the other along.',
  setup:
    'Two answers that differ in the first word and share m others; p and p′, the probabilities of each shared word after either first word, are drawn from 0.1 to 0.9, far enough apart to entangle below m = 20. The first words are equally likely. Small steps, or none, on DPO with β = 0.3 and on other losses; and ten updates of DPO with a step of 1.',
  headline: 'On summaries of posts, both log-probabilities tend to rise with Mistral-7B, and to fall with Llama-3-8B.',
  leavesOut: 'The paper’s theorems were not seen; these formulas are worked out here, for trained logits that all contexts share.',
  tex: String.raw`\tfrac{\Delta\ln\pi_w}{C}=1-2m(1-p)(p-p'),\qquad\tfrac{\Delta\ln\pi_l}{C}=-1-2m(1-p')(p-p')`,
  provenance: 'our reading',
  parameters: {},
  toy: (seed) => {
    const { afterChosen: p, afterRejected: q, length } = randomSuffix(seed);
    const truth: Truth = { p, q, length, falling: fallingSuffix(seed) };
    return { experiment: sharedSuffix(beyond(truth)), truth };
  },
  arms: {
    rates: { label: 'm = 0, 3, 8, 20', train: ({ truth: { p, q } }) => rateLengths.map((m) => geometryOf(suffixOf(m, p, q))) },
    cases: {
      label: 'About the length that entangles',
      train: ({ truth }) => caseLengths(truth).map((m) => geometryOf(suffixOf(m, truth.p, truth.q))),
    },
    cosines: { label: 'm = 0, 2, 5, 9, 20', train: ({ truth: { p, q } }) => cosineLengths.map((m) => geometryOf(suffixOf(m, p, q))) },
    norms: {
      label: 'Beyond the length that entangles',
      train: ({ truth: { p, q, length } }) => [Math.floor(length) + 1, Math.ceil(1.5 * length)].map((m) => geometryOf(suffixOf(m, p, q))),
    },
    together: {
      label: 'DPO, a suffix half as long again as entangles',
      train: ({ truth: { falling } }) => sharedSuffix({ ...falling, steps: moves }),
    },
    losses: {
      label: 'Four losses of the margin',
      train: ({ experiment }) => losses.map((objective) => ({ ...experiment, objective })),
    },
    normalised: { label: 'Normalised gradients', train: ({ truth }) => sharedSuffix({ ...beyond(truth), update: 'normalised' }) },
    doses: {
      label: 'DPO with likelihood, four doses',
      train: ({ truth: { falling } }) => geometryOf(falling),
      next: [
        ({ truth: { falling } }, [plain]) =>
          doses(plain ? found(plain) : missing).map(({ ratio }) => geometryOf(falling, withLikelihood((ratio - 1) * force))),
      ],
    },
    simpo: {
      label: 'SimPO, four lengths',
      train: ({ truth: { falling } }) => geometryOf(falling),
      next: [({ truth }, [plain]) => simpo(truth, plain ? found(plain) : missing)],
    },
  },
  measures: {
    error: { label: 'largest difference of formula and engine, as a share of the largest rate', arms: ['rates'], of: ratesError },
    cases: {
      label: 'share of the lengths at which the engine finds the predicted case',
      arms: ['cases'],
      of: ({ truth, trials }) => {
        const beyondIt = truth.p > truth.q ? 'both-down' : 'both-up';
        return share(
          caseLengths(truth).map((m, i) => found(at(trials, i)).pattern === (m < truth.length ? 'chosen-up-rejected-down' : beyondIt)),
        );
      },
    },
    increase: {
      label: 'smallest increase of the cosine from one length to the next',
      arms: ['cosines'],
      of: ({ trials }) => {
        const cosines = trials.map((trial) => found(trial).cosine);
        return Math.min(...cosines.slice(1).map((value, i) => value - at(cosines, i)));
      },
    },
    longer: {
      label: 'log of the ratio of the norms, the one that should be longer over the other; the smaller of two lengths',
      arms: ['norms'],
      of: longerBy,
    },
    chosen: { label: 'Δ ln π(chosen)', unit: 'nats', side: 'chosen', arms: ['together'], of: 'chosenLogpChange' },
    rejected: { label: 'Δ ln π(rejected)', unit: 'nats', side: 'rejected', arms: ['together'], of: 'rejectedLogpChange' },
    gap: {
      label: 'Δ margin',
      unit: 'nats',
      arms: ['together'],
      of: ({ trial: { measures } }) => (measures['chosenLogpChange'] ?? Number.NaN) - (measures['rejectedLogpChange'] ?? Number.NaN),
    },
    afterChosen: {
      label: 'a shared word after the chosen first word',
      side: 'chosen',
      arms: ['together'],
      of: ({ truth, trial }) => suffixGeometry(truth.falling, trial.final).afterChosen,
    },
    afterRejected: {
      label: 'a shared word after the rejected first word',
      side: 'rejected',
      arms: ['together'],
      of: ({ truth, trial }) => suffixGeometry(truth.falling, trial.final).afterRejected,
    },
    elsewhere: {
      label: 'another word in its place, after the chosen first word',
      side: 'gainer',
      arms: ['together'],
      of: ({ truth, trial }) => 1 - suffixGeometry(truth.falling, trial.final).afterChosen,
    },
    margin: {
      label: 'smallest growth of the margin over four losses, for each unit of the step',
      arms: ['losses'],
      of: ({ trials }) => Math.min(...trials.map(moved).map(({ chosen, rejected }) => chosen - rejected)),
    },
    wanted: {
      label: 'smaller of the two movements in the wanted direction, for each unit of the step',
      arms: ['normalised'],
      of: ({ trial }) => Math.min(moved(trial).chosen, -moved(trial).rejected),
    },
    doses: {
      label: 'share of the four doses at which both signs are as predicted',
      arms: ['doses'],
      of: ({ before, trials }) =>
        share(
          doses(found(at(before, 0))).map(({ chosen, rejected }, i) => {
            const { chosenRate, rejectedRate } = found(at(trials, i));
            return Math.sign(chosenRate) === chosen && Math.sign(rejectedRate) === rejected;
          }),
        ),
    },
    simpo: {
      label: 'share of four lengths at which the sign of the preferred answer’s rate is as predicted',
      arms: ['simpo'],
      of: ({ truth, before, trials }) =>
        share(paddings(truth, found(at(before, 0))).lengths.map(({ sign }, i) => Math.sign(found(at(trials, i)).chosenRate) === sign)),
    },
  },
  plot: { kind: 'lines', y: ['chosen', 'rejected'], updates: [0, 1, 2, 4, 6, 8, moves], arms: ['together'] },
  claims: [
    {
      id: 'both-fall',
      statement: `Where the shared words are likelier after the chosen first word, and at least 1.5 times as many as it takes for both to fall in a small step, ${moves} updates of DPO lower both log-probabilities in most draws.`,
      where: 'short and long suffix',
      kind: 'toy',
      refutedBy: 'more than one draw in five in which one of them has not fallen',
      left: ['together', 'chosen'],
      and: [{ left: ['together', 'rejected'] }],
      by: { share: 0.8 },
      bound: { atMost: -0.001 },
      because: 'below 0 by more than float32 rounds sums of up to 31 log-probabilities',
      expected: 'holds',
    },
    {
      id: 'suffix-rates',
      statement:
        'Where two answers differ in one word and go on alike, in this toy a formula of the suffix’s length says how fast both log-probabilities move.',
      where: 'short and long suffix',
      kind: 'identity',
      refutedBy: 'a difference beyond rounding in one seed',
      left: ['rates', 'error'],
      by: 'each',
      bound: { atMost: { cpu: 1e-12, webgpu: 1024 * float32Roundoff } },
      because: 'rounding alone: sums over 21 positions of products below 1, in float32 on WebGPU and in float64 on the CPU',
      expected: 'holds',
    },
    {
      id: 'suffix-cases',
      statement:
        'In a small step of DPO in this toy the answers part as they should up to a certain length; beyond it both fall (p > p′) or both rise (p < p′).',
      where: 'short and long suffix',
      kind: 'identity',
      refutedBy: 'another case at one length of one seed',
      tex: String.raw`\text{both}\downarrow\iff p>p',\ m>\tfrac{1}{2(1-p)(p-p')};\qquad\text{both}\uparrow\iff p<p',\ m>\tfrac{1}{2(1-p')(p'-p)}`,
      left: ['cases', 'cases'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'a case is right or wrong',
      expected: 'holds',
    },
    {
      id: 'suffix-cosine',
      statement: 'The cosine of the two gradients is below 0 for a single word in this toy, and grows with the length of the suffix.',
      where: 'short and long suffix',
      kind: 'identity',
      refutedBy: 'a cosine that shrinks with the length in one seed',
      left: ['cosines', 'increase'],
      by: 'each',
      bound: { atLeast: 1e-4 },
      because: 'above 0 by more than float32 rounds a cosine',
      expected: 'holds',
    },
    {
      id: 'larger-norm',
      statement:
        'Where a small DPO step lowers both, the rejected answer’s gradient is the longer one; where it raises both, the preferred answer’s.',
      where: 'Table 1',
      kind: 'identity',
      refutedBy: 'a shorter gradient that drags the other along in one seed',
      tex: String.raw`\text{both}\downarrow\ \Rightarrow\ \|g_l\|>\|g_w\|,\qquad\text{both}\uparrow\ \Rightarrow\ \|g_w\|>\|g_l\|`,
      left: ['norms', 'longer'],
      by: 'each',
      bound: { atLeast: 0 },
      because: 'the longer one is longer',
      expected: 'holds',
    },
    {
      id: 'margin-grows',
      statement:
        'A small step on a loss of the margin alone, where it falls as the margin grows, widens the margin, even where both log-probabilities fall.',
      where: 'the loss pushes both answers equally hard, d_w = d_l > 0',
      kind: 'identity',
      refutedBy: 'a margin that shrinks under one loss in one seed',
      tex: String.raw`d_w=d_l=d>0:\quad\Delta(\ln\pi_w-\ln\pi_l)=\eta\,d\,\|g_w-g_l\|^2>0`,
      left: ['losses', 'margin'],
      by: 'each',
      bound: { atLeast: 0.01 },
      because: 'above 0 by more than float32 rounds a margin over a step of 2⁻⁶',
      expected: 'holds',
    },
    {
      id: 'force-interval',
      statement:
        'Where both answers fall under DPO, a small step parts them as it should once a likelihood term beside it is large enough, and raises both once it is too large; the doses are known beforehand.',
      where: 'how hard the loss pushes either answer, d_w and d_l',
      kind: 'identity',
      refutedBy: 'another sign at one dose of one seed',
      tex: String.raw`\frac{\langle g_w,g_l\rangle}{\|g_w\|^2}<\frac{d_w}{d_l}<\frac{\|g_l\|^2}{\langle g_w,g_l\rangle},\qquad\frac{d_w}{d_l}=1+\frac{\lambda}{\beta\,\sigma(0)}`,
      left: ['doses', 'doses'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'a sign is right or wrong',
      expected: 'holds',
    },
    {
      id: 'simpo-length',
      statement:
        'SimPO pushes with the inverse lengths: in this toy the preferred answer falls at first where the rejected one is short, and rises where it is long enough.',
      where: 'the ratio of SimPO’s pushes, d_w / d_l',
      kind: 'identity',
      refutedBy: 'another sign at one length of one seed',
      tex: String.raw`\frac{d_w}{d_l}=\frac{n_l}{n_w}:\qquad\ln\pi_w\uparrow\iff\frac{n_l}{n_w}>\frac{\langle g_w,g_l\rangle}{\|g_w\|^2}`,
      left: ['simpo', 'simpo'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'a sign is right or wrong',
      expected: 'holds',
    },
    {
      id: 'normalised-update',
      statement:
        'If both gradients are scaled to length 1 before they are subtracted, a small step raises the preferred answer and lowers the rejected, whatever the suffix.',
      where: 'normalised gradients, in this page’s form',
      kind: 'identity',
      refutedBy: 'a movement the wrong way in one seed',
      tex: String.raw`\theta\leftarrow\theta+\eta\Big(\tfrac{g_w}{\|g_w\|}-\tfrac{g_l}{\|g_l\|}\Big):\quad\Delta\ln\pi_w=\eta\|g_w\|(1-\cos)\ge0,\ \Delta\ln\pi_l=-\eta\|g_l\|(1-\cos)\le0`,
      left: ['normalised', 'wanted'],
      by: 'each',
      bound: { atLeast: 0.02 },
      because: 'above 0 by more than the curvature over a step of 2⁻⁶ can take away',
      expected: 'holds',
    },
  ],
  seeds: { page: 15, test: 2 },
});
