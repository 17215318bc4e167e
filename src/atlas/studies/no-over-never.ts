import type { FeaturesPolicy } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { softmax } from '../../core/softmax.ts';
import { type Claim, forSeeds, measurementOf, seedsOf } from '../claim.ts';
import { at, dot, minus, normSq, plus, times, toyRandom, type Vector, vectorOf } from '../claim-tools.ts';
import {
  chosenToken as chosen,
  defaultSettings,
  noOverNever,
  rejectedToken as rejected,
  toyPolicy,
  toyVectors,
} from '../toys/no-over-never.ts';
import { still } from './displacement.ts';

/** “No over Never” with every number of its vectors moved by N(0, `by`²). */
export const jittered = (seed: number, train: FeaturesPolicy['train'] = 'both', by = 0.03): FeaturesPolicy => {
  const random = toyRandom(seed);
  const moved = (row: Vector): number[] => plus(row, vectorOf(random, row.length, by));
  return toyPolicy(1, train, { hidden: moved(toyVectors.hidden), unembedding: toyVectors.unembedding.map(moved) });
};

/** The toy's run with its numbers moved by N(0, `by`²). */
const displaces = (by: number, texts: Pick<Claim, 'id' | 'title' | 'statement' | 'where' | 'expected' | 'instead'>): Claim => ({
  ...texts,
  paper: '2410.08847',
  exact: {
    tex: String.raw`\mathcal L(\theta_{100})<\mathcal L(\theta_{0}),\quad\pi_{100}(\text{No})<\pi_{0}(\text{No}),\quad\pi_{100}(\text{Yes})-\pi_{0}(\text{Yes})\ge 0.5`,
    plain: 'the loss falls, π(No) falls, and π(Yes) gains at least 0.5',
  },
  setup: `The page’s own toy: six tokens, vectors of three numbers, each moved by N(0, ${by}²); DPO with β = 0.1, the hidden vector trained, 100 steps of 1.`,
  measured: 'gain of π(Yes) where π(No) fell and the margin grew, else 0',
  requirement: {
    sense: 'at least',
    threshold: 0.5,
    of: 0.95,
    reason: 'the page’s own choice: half of all probability, where the undisturbed toy gains 0.87',
  },
  seeds: 60,
  async measure(engine, options) {
    const drops: number[] = [];
    const values = await forSeeds(options, async (seed) => {
      const { steps } = await engine.train({ ...noOverNever(defaultSettings), policy: jittered(seed, 'hidden', by), record: [0, 100] });
      const [first, last] = [at(steps, 0), at(steps, 1)];
      const prob = (step: typeof first, token: number): number => at(step.probs ?? [], token);
      const fall = prob(first, 0) - prob(last, 0);
      drops.push(fall);
      const margin = at(last.chosenLogps, 0) - at(last.rejectedLogps, 0) - (at(first.chosenLogps, 0) - at(first.rejectedLogps, 0));
      return fall > 0 && margin > 0 && last.loss < first.loss ? prob(last, 2) - prob(first, 2) : 0;
    });
    return measurementOf(values, [{ label: 'mean fall of π(No)', value: mean(drops) }]);
  },
});

const noOverNeverYes = displaces(0.03, {
  id: 'no-over-never',
  where: 'section 3',
  title: '“No over Never” makes “Yes”',
  statement:
    'Preferring “No” over “Never” lowers the probability of “No”, and “Yes”, which the data never mentions, takes its place, with vectors very near to the toy’s.',
  expected: 'holds',
});

const farFromToy = displaces(0.3, {
  id: 'no-over-never-far',
  where: 'section 3, for other vectors',
  title: '“No over Never” makes “Yes” whatever the vectors',
  statement: 'The same comes out where every number of the toy’s vectors is moved by about 0.3.',
  expected: 'does not hold',
  instead:
    'The toy’s vectors are chosen for it. Moved by N(0, 0.1²), “Yes” still gains so much in nearly all draws, by N(0, 0.2²) in about three of four, by N(0, 0.3²) in about half and by N(0, 0.5²) in about a quarter, where “No” falls in about four of five.',
});

const scaleFlip: Claim = {
  id: 'scale-flip',
  paper: '2410.08847',
  where: 'Theorem 4, rescaled',
  title: 'One policy, two futures',
  statement:
    'Long unembeddings with a short hidden vector, or the reverse, are the same policy; where training the hidden vector alone lowers the preferred answer, training both does so at first only above a scale that a formula gives.',
  exact: {
    tex: String.raw`W\to cW,\ h\to h/c:\qquad c^{*}=\Big[\frac{(1-\pi_{+}+\pi_{-})\|h\|^{2}}{-\langle W_{+}-\bar W,\,W_{+}-W_{-}\rangle}\Big]^{1/4}`,
    plain: 'W → c W, h → h / c: c* = [(1 - π₊ + π₋) ‖h‖² / -⟨W₊ - W̄, W₊ - W₋⟩]^(1/4)',
  },
  setup:
    '“No over Never” with every number moved by N(0, 0.03²), both vectors trained, at 41 scales within 20 % of c*: one small step each.',
  measured: 'relative distance between c* and the scale at which the step’s effect on “No” changes its sign',
  scale: 'log',
  requirement: { sense: 'at most', threshold: 0.01, of: 'each', reason: 'the scales are 1 % apart' },
  seeds: 10,
  expected: 'holds',
  async measure(engine, options) {
    const found: number[] = [];
    const values = await forSeeds(options, async (seed, run) => {
      const policy = jittered(seed);
      const [h, W] = [at(policy.hidden, 0), policy.unembedding];
      const pi = softmax(W.map((row) => dot(row, h)));
      const centre = W.reduce(
        (sum, row, z) => plus(sum, times(at(pi, z), row)),
        h.map(() => 0),
      );
      const fromHidden = dot(minus(at(W, chosen), centre), minus(at(W, chosen), at(W, rejected)));
      const flip = (((1 - at(pi, chosen) + at(pi, rejected)) * normSq(h)) / -fromHidden) ** 0.25;
      const scales = Array.from({ length: 41 }, (_, i) => flip * (0.8 + 0.01 * i));
      const { chosenLogpChange: change } = await engine.sweep(
        {
          experiment: { ...still(policy, [{ prompt: 0, chosen, rejected }]), optimizer: { kind: 'sgd', learningRate: 2 ** -6, steps: 1 } },
          x: { path: 'policy.scale', values: scales },
          y: { path: 'seed', values: [seed] },
        },
        run,
      );
      const after = change.findIndex((value) => value < 0);
      if (after < 1) return Number.NaN;
      const [low, high] = [at(change, after - 1), at(change, after)];
      const crossing = at(scales, after - 1) + ((at(scales, after) - at(scales, after - 1)) * low) / (low - high);
      found.push(crossing);
      return Math.abs(crossing / flip - 1);
    });
    return measurementOf(values, [{ label: 'mean measured scale', value: mean(found) }]);
  },
};

const sftObjective = (lambda: number) => ({
  expression: '-logSigmoid(beta * ((logp_w - ref_w) - (logp_l - ref_l))) - lambda * logp_w',
  params: { beta: 0.1, lambda },
});

const sftAnchors: Claim = {
  id: 'sft-anchors',
  paper: '2410.08847',
  where: 'Proposition 1',
  title: 'A likelihood term holds the preferred answer',
  statement: 'The larger the likelihood term that is added to DPO, the more probable “No” is after 100 steps.',
  exact: {
    tex: String.raw`\lambda_1<\lambda_2\ \Rightarrow\ \ln\pi_{100}^{\lambda_1}(\text{No})<\ln\pi_{100}^{\lambda_2}(\text{No}),\quad\lambda\in\{0,\,0.01,\,0.05,\,0.1,\,0.3\}`,
    plain: 'ln π(No) after 100 steps grows with λ over 0, 0.01, 0.05, 0.1, 0.3',
  },
  setup: '“No over Never” with N(0, 0.2²) on the hidden vector, which is trained: DPO - λ log π(No), β = 0.1, 100 steps of 1.',
  measured: 'smallest increase of ln π(No) from one λ to the next',
  unit: 'nats',
  requirement: {
    sense: 'at least',
    threshold: 0.05,
    of: 0.95,
    reason: 'above 0 by more than the noise that float32 leaves after 100 steps',
  },
  seeds: 60,
  expected: 'holds',
  async measure(engine, options) {
    const seeds = seedsOf(options);
    const lambdas = [0, 0.01, 0.05, 0.1, 0.3];
    const { chosenLogpChange } = await engine.sweep(
      {
        experiment: {
          ...noOverNever(defaultSettings),
          policy: { ...toyPolicy(1, 'hidden'), noise: 0.2 },
          objective: sftObjective(0),
        },
        x: { path: 'seed', values: seeds },
        y: { path: 'objective.params.lambda', values: lambdas },
      },
      options,
    );
    const values = seeds.map((_, x) => {
      const column = lambdas.map((__, y) => at(chosenLogpChange, y * seeds.length + x));
      return Math.min(...column.slice(1).map((value, i) => value - at(column, i)));
    });
    return measurementOf(values);
  },
};

const sftThreshold: Claim = {
  id: 'sft-threshold',
  paper: '2410.08847',
  where: 'Proposition 1',
  title: 'How much likelihood is enough',
  statement:
    'In a small first step the preferred answer stops falling exactly where the weight of the likelihood term passes a value that the gradients give.',
  exact: {
    tex: String.raw`\tfrac{d}{dt}\ln\pi(y^{+})\ge 0\iff\lambda\ge\lambda^{*}=-\frac{\mathcal E}{\|\nabla\ln\pi(y^{+})\|^{2}}`,
    plain: 'd ln π(y⁺) / dt ≥ 0 ⇔ λ ≥ λ* = -E / ‖∇ ln π(y⁺)‖²',
  },
  setup: '“No over Never” at scale 3 with every number moved by N(0, 0.03²), both vectors trained; E is the rate under DPO alone.',
  measured: 'the smaller of: how fast y⁺ falls at 0.99 λ*, and how fast it rises at 1.01 λ*, each as a share of how fast it falls at λ = 0',
  requirement: {
    sense: 'at least',
    threshold: 0.009,
    of: 'each',
    reason: 'the formula gives 0.01 on both sides; a tenth of it is left to rounding',
  },
  seeds: 15,
  expected: 'holds',
  async measure(engine, options) {
    const thresholds: number[] = [];
    const values = await forSeeds(options, async (seed) => {
      const policy = { ...jittered(seed), scale: 3 };
      const rateAt = async (lambda: number) =>
        at(await engine.diagnose({ ...still(policy, [{ prompt: 0, chosen, rejected }]), objective: sftObjective(lambda) }), 0);
      const plain = await rateAt(0);
      const lambda = -plain.chosenRate / plain.chosenGradNormSq;
      thresholds.push(lambda);
      const [below, above] = [await rateAt(0.99 * lambda), await rateAt(1.01 * lambda)];
      return Math.min(-below.chosenRate, above.chosenRate) / -plain.chosenRate;
    });
    return measurementOf(values, [{ label: 'mean λ*', value: mean(thresholds) }]);
  },
};

export const noOverNeverClaims: readonly Claim[] = [noOverNeverYes, farFromToy, scaleFlip, sftAnchors, sftThreshold];
