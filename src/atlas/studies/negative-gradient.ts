import type { Experiment, FeaturesPolicy, Pair } from '../../core/experiment.ts';
import { type Claim, type ClaimEngine, forSeeds, measurementOf, seedBySeed } from '../claim.ts';
import { at, float32Roundoff, matrixOf, toyRandom, vectorOf, worst } from '../claim-tools.ts';

/** c₁ pushes the winner up, c₂ the loser down; c₂ = 0 is weighted maximum likelihood. */
const update = (policy: Experiment['policy'], pair: Pair, c2: number, learningRate = 0, steps = 0): Experiment => ({
  policy,
  pairs: [pair],
  objective: { expression: 'c_2 * logp_l - c_1 * logp_w', params: { c_1: 1, c_2: c2 } },
  optimizer: { kind: 'sgd', learningRate, steps },
});

const tokens = 8;
const randomPolicy = (seed: number): FeaturesPolicy => {
  const random = toyRandom(seed);
  return { kind: 'features', hidden: [vectorOf(random, 3)], unembedding: matrixOf(random, tokens, 3) };
};

/** The pair of token 0 with another one whose gradients' inner product is the lowest, or the highest. */
async function extremePair(engine: ClaimEngine, policy: FeaturesPolicy, which: 'lowest' | 'highest') {
  const pairs = Array.from({ length: tokens - 1 }, (_, z): Pair => ({ prompt: 0, chosen: 0, rejected: z + 1 }));
  const diagnoses = await engine.diagnose({ ...update(policy, at(pairs, 0), 0), pairs });
  const sign = which === 'lowest' ? 1 : -1;
  const order = diagnoses.map((_, i) => i).sort((a, b) => sign * (at(diagnoses, a).innerProduct - at(diagnoses, b).innerProduct));
  return { pair: at(pairs, at(order, 0)), inner: at(diagnoses, at(order, 0)).innerProduct };
}

/** What the negative gradient adds to log π of the winner, and to the margin, in one small step. */
async function gapOfStep(engine: ClaimEngine, policy: FeaturesPolicy, pair: Pair) {
  const changes = async (c2: number) => {
    const { steps } = await engine.train({ ...update(policy, pair, c2, 2 ** -6, 1), record: [0, 1] });
    const moved = (side: 'chosenLogps' | 'rejectedLogps'): number => at(at(steps, 1)[side], 0) - at(at(steps, 0)[side], 0);
    return { winner: moved('chosenLogps'), margin: moved('chosenLogps') - moved('rejectedLogps') };
  };
  const [pushed, plain] = [await changes(1), await changes(0)];
  return { winner: pushed.winner - plain.winner, margin: pushed.margin - plain.margin };
}

const setup = `One prompt, ${tokens} tokens, vectors of three numbers from N(0, 1), both trained; updates c₁ ∇ log π(y_w) - c₂ ∇ log π(y_l) with c₁ = 1.`;

const formula: Claim = {
  id: 'negative-gradient-exact',
  paper: '2404.14367',
  where: 'Lemma 6.2, first order',
  title: 'What the negative gradient adds',
  statement:
    'To first order, pushing the loser down changes winner and loser by amounts that the inner product and the norm of their gradients give.',
  exact: {
    tex: String.raw`\log\pi_w:\ -\eta c_2\langle g_w,g_l\rangle,\qquad\log\pi_l:\ -\eta c_2\|g_l\|^2`,
    plain: 'log π_w: -η c₂ ⟨g_w, g_l⟩, log π_l: -η c₂ ‖g_l‖²',
  },
  setup: `${setup} First-order rates with c₂ = 0.7 less those with c₂ = 0, against three of the ${tokens - 1} losers in turn.`,
  measured: 'largest difference between formula and engine, as a share of the largest value',
  scale: 'log',
  requirement: {
    sense: 'at most',
    threshold: { cpu: 1e-12, webgpu: 512 * float32Roundoff },
    of: 'each',
    reason: 'rounding alone: a few hundred products of numbers below 10, in float32 on WebGPU and in float64 on the CPU',
  },
  seeds: 10,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const c2 = 0.7;
    const policy = randomPolicy(seed);
    const measured: number[] = [];
    const exact: number[] = [];
    for (let rejected = 1; rejected < tokens; rejected += 3) {
      const pair: Pair = { prompt: 0, chosen: 0, rejected };
      const plain = at(await engine.diagnose(update(policy, pair, 0)), 0);
      const pushed = at(await engine.diagnose(update(policy, pair, c2)), 0);
      measured.push(pushed.chosenRate - plain.chosenRate, pushed.rejectedRate - plain.rejectedRate);
      exact.push(-c2 * plain.innerProduct, -c2 * plain.rejectedGradNormSq);
    }
    return worst(measured.map((value, i) => value - at(exact, i))) / worst(exact);
  }),
};

const contrast = (
  texts: Pick<Claim, 'id' | 'title' | 'statement' | 'expected' | 'instead' | 'where' | 'exact'>,
  which: 'lowest' | 'highest',
): Claim => ({
  ...texts,
  paper: '2404.14367',
  setup: `${setup} Of the ${tokens - 1} losers the one whose gradient is ${which === 'lowest' ? 'least' : 'most'} aligned with the winner’s; one step of 2⁻⁶ with c₂ = 1 and one with c₂ = 0.`,
  measured: 'log π(y_w) after the step with the negative gradient less that without',
  unit: 'nats',
  requirement: { sense: 'at least', threshold: 1e-5, of: 'each', reason: 'above 0 by more than float32 rounds a log-probability below 16' },
  seeds: 15,
  async measure(engine, options) {
    const margins: number[] = [];
    const values = await forSeeds(options, async (seed) => {
      const policy = randomPolicy(seed);
      const { pair } = await extremePair(engine, policy, which);
      const { winner, margin } = await gapOfStep(engine, policy, pair);
      margins.push(margin);
      return winner;
    });
    return measurementOf(values, [{ label: 'smallest gain of the margin', value: Math.min(...margins) }]);
  },
});

const opposed = contrast(
  {
    id: 'negative-gradient-opposed',
    where: 'Lemma 6.2',
    title: 'Opposed gradients: the winner gains',
    statement: 'Where the gradients of winner and loser point apart, a small push on the loser raises the winner and widens the margin.',
    exact: {
      tex: String.raw`\langle g_w,g_l\rangle<0,\ \eta\text{ small}\ \Rightarrow\ \log\pi_{t+1}(y_w)\big|_{c_2>0}\ge\log\pi_{t+1}(y_w)\big|_{c_2=0}`,
      plain: '⟨g_w, g_l⟩ < 0, η small ⇒ log π(y_w) after a step with c₂ > 0 ≥ that with c₂ = 0',
    },
    expected: 'holds',
  },
  'lowest',
);

const aligned = contrast(
  {
    id: 'negative-gradient-aligned',
    where: 'Lemma 6.2, without its condition',
    title: 'A negative gradient always raises the winner',
    statement: 'Pushing the loser down raises the winner also where their gradients point the same way.',
    exact: {
      tex: String.raw`\log\pi_{t+1}(y_w)\big|_{c_2>0}\ge\log\pi_{t+1}(y_w)\big|_{c_2=0}`,
      plain: 'log π(y_w) after a step with c₂ > 0 ≥ that with c₂ = 0',
    },
    expected: 'does not hold',
    instead:
      'The lemma asks for an inner product of at most 0. With aligned gradients the winner is pushed down along with the loser. To first order the push adds η c₂ (‖g_l‖² - ⟨g_w, g_l⟩) to the margin: mostly more than 0, in a few draws of a hundred less.',
  },
  'highest',
);

export const negativeGradientClaims: readonly Claim[] = [formula, opposed, aligned];
