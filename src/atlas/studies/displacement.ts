import type { Experiment, FeaturesPolicy, Pair, SequenceFeaturesPolicy } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { rankCorrelation } from '../../core/rank-correlation.ts';
import { softmax } from '../../core/softmax.ts';
import { type Claim, type ClaimEngine, forSeeds, measurementOf, partOf, seedBySeed, seedsOf } from '../claim.ts';
import { at, dot, float32Roundoff, matrixOf, minus, normSq, plus, times, toyRandom, type Vector, vectorOf, worst } from '../claim-tools.ts';

const beta = 0.3;
/** -ℓ' of DPO where the policy is still its reference, for a mean over one pair. */
const force = beta / 2;

/** DPO at its start, where no update is asked for. */
export const still = (policy: Experiment['policy'], pairs: Pair[]): Experiment => ({
  policy,
  pairs,
  objective: { name: 'dpo', params: { beta } },
  optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
});

/** First-order rates of the chosen and of other responses under the loss of the pair alone. */
export async function ratesOf(engine: ClaimEngine, policy: Experiment['policy'], pair: Pair, others: readonly Pair['chosen'][] = []) {
  const pairs = [pair, ...others.map((chosen): Pair => ({ ...pair, chosen, weight: 0 }))];
  const diagnoses = await engine.diagnose(still(policy, pairs));
  // the mean over pairs divides the first pair's share
  return { rates: diagnoses.map(({ chosenRate }) => chosenRate * pairs.length), diagnosis: at(diagnoses, 0) };
}

/** The largest difference, where values of size 1 and more are compared by their ratio. */
const difference = (measured: Vector, exact: Vector): number =>
  worst(measured.map((value, i) => value - at(exact, i))) / Math.max(1, worst(exact));

const rounding = {
  sense: 'at most',
  // a few hundred products of numbers below 10, each rounded a few times
  threshold: { cpu: 1e-11, webgpu: 512 * float32Roundoff },
  of: 'each',
  reason: 'rounding alone: a few hundred products of numbers below 10, in float32 on WebGPU and in float64 on the CPU',
} as const;

const [V, d] = [6, 3];
const [chosen, rejected] = [0, 1];

const randomFeatures = (seed: number, train: FeaturesPolicy['train'] = 'both'): FeaturesPolicy => {
  const random = toyRandom(seed);
  return { kind: 'features', hidden: [vectorOf(random, d)], unembedding: matrixOf(random, V, d), train };
};

/** Theorems 4 and 5 of arXiv:2410.08847: d log π / dt of the chosen token and of the tokens outside the pair, for each unit of -ℓ'. */
function tokenTheorems({ hidden, unembedding: W }: FeaturesPolicy) {
  const h = at(hidden, 0);
  const pi = softmax(W.map((row) => dot(row, h)));
  const [p, m] = [at(pi, chosen), at(pi, rejected)];
  const dW = minus(at(W, chosen), at(W, rejected));
  const others = W.map((_, z) => z).filter((z) => z !== chosen && z !== rejected);
  const own = (1 - p) * normSq(at(W, chosen)) + m * normSq(at(W, rejected)) + (1 - p + m) * normSq(h);
  const probable = others.reduce((sum, z) => sum + at(pi, z) * dot(at(W, z), dW), 0);
  const shared = (m - p) * normSq(h) - W.reduce((sum, row, z) => sum + at(pi, z) * dot(row, dW), 0);
  return {
    others,
    chosenRate: own - (1 - p + m) * dot(at(W, chosen), at(W, rejected)) - probable,
    alignment: others.map((z) => dot(at(W, z), dW)),
    otherRates: others.map((z) => dot(at(W, z), dW) + shared),
  };
}

const oneToken: Claim = {
  id: 'displacement-rate',
  paper: '2410.08847',
  where: 'Theorems 4 and 5',
  title: 'What moves a token’s probability',
  statement:
    'For one prompt and one token, an exact formula of the vectors says how fast the preferred token, and every other one, gains or loses.',
  exact: {
    tex: String.raw`\tfrac{d}{dt}\ln\pi(z)=-\ell'\big[\langle W_z-\bar W,\,W_{+}-W_{-}\rangle+(\mathbb 1_{z=+}-\mathbb 1_{z=-}-\pi_{+}+\pi_{-})\|h\|^2\big]`,
    plain: 'd ln π(z) / dt = -ℓ′ [⟨W_z - W̄, W₊ - W₋⟩ + (1[z = +] - 1[z = -] - π₊ + π₋) ‖h‖²]',
  },
  setup: 'Six tokens, hidden vector and unembedding of three numbers each, all drawn from N(0, 1); DPO with β = 0.3 at its start.',
  measured: 'largest difference between the theorems and the engine’s own gradients, over the chosen token and the four outside the pair',
  scale: 'log',
  requirement: rounding,
  seeds: 20,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const policy = randomFeatures(seed);
    const { others, chosenRate, otherRates } = tokenTheorems(policy);
    const { rates } = await ratesOf(engine, policy, { prompt: 0, chosen, rejected }, others);
    return difference(rates, times(force, [chosenRate, ...otherRates]));
  }),
};

const gainers: Claim = {
  id: 'gainer-rank',
  paper: '2410.08847',
  where: 'Theorem 5',
  title: 'Who gains log-probability',
  statement:
    'Of the tokens outside the pair, those gain most log-probability in a small step whose vectors reach farthest along “preferred minus rejected”.',
  exact: {
    tex: String.raw`\operatorname{rank}_{z}\,\tfrac{d}{dt}\ln\pi(z)=\operatorname{rank}_{z}\,\langle W_z,\,W_{+}-W_{-}\rangle,\quad z\notin\{y^{+},y^{-}\}`,
    plain: 'rank of d ln π(z) / dt = rank of ⟨W_z, W₊ - W₋⟩ over z other than the pair’s tokens',
  },
  setup: 'Twelve tokens, vectors of three numbers, all drawn from N(0, 1); DPO with β = 0.3 at its start.',
  measured: 'rank correlation of the engine’s rates with ⟨W_z, W₊ - W₋⟩ over the ten other tokens',
  requirement: { sense: 'at least', threshold: 1, of: 'each', reason: 'the two rankings are the same, not merely alike' },
  seeds: 20,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const random = toyRandom(seed);
    const policy: FeaturesPolicy = { kind: 'features', hidden: [vectorOf(random, d)], unembedding: matrixOf(random, 12, d) };
    const { others, alignment } = tokenTheorems(policy);
    const { rates } = await ratesOf(engine, policy, { prompt: 0, chosen, rejected }, others);
    return rankCorrelation(rates.slice(1), alignment);
  }),
};

/** A free hidden vector for every prefix of the responses, one prompt. */
export function sequenceFeatures(seed: number, responses: readonly (readonly number[])[]): SequenceFeaturesPolicy {
  const random = toyRandom(seed);
  const prefixes = responses.flatMap((tokens) => tokens.map((_, k) => tokens.slice(0, k)));
  const distinct = [...new Map(prefixes.map((tokens) => [tokens.join(), tokens])).values()];
  return {
    kind: 'sequence',
    form: 'features',
    prefixes: distinct.map((tokens) => ({ prompt: 0, tokens, hidden: vectorOf(random, d) })),
    unembedding: matrixOf(random, 5, d, 0.7),
  };
}

export const longAnswers = { chosen: [0, 2, 3, 2], rejected: [1, 2, 2], other: [4, 0, 2] };

/** Theorems 6 and 7 of arXiv:2410.08847, for each unit of -ℓ', and CHES. */
function sequenceTheorems({ prefixes, unembedding: W }: SequenceFeaturesPolicy) {
  const { chosen: yes, rejected: no, other } = longAnswers;
  const hiddenOf = (tokens: Vector, k: number): Vector =>
    prefixes.find((prefix) => prefix.tokens.join() === tokens.slice(0, k).join())?.hidden ?? [];
  const piOf = (tokens: Vector, k: number): number[] => softmax(W.map((row) => dot(row, hiddenOf(tokens, k))));
  const residual = (tokens: Vector, k: number): number[] => piOf(tokens, k).map((x, v) => Number(v === tokens[k]) - x);
  /** Σ_{k,k'} ⟨residuals⟩ ⟨hidden vectors⟩ */
  const cross = (a: Vector, b: Vector): number =>
    a.reduce(
      (sum, _, k) => sum + b.reduce((inner, __, l) => inner + dot(residual(a, k), residual(b, l)) * dot(hiddenOf(a, k), hiddenOf(b, l)), 0),
      0,
    );
  const pi = piOf(yes, 0);
  const [Wp, Wm] = [at(W, chosen), at(W, rejected)];
  const dW = minus(Wp, Wm);
  const first =
    -(1 - at(pi, chosen) + at(pi, rejected)) * dot(Wp, Wm) -
    W.reduce((sum, row, v) => sum + (v === chosen || v === rejected ? 0 : at(pi, v) * dot(row, dW)), 0);
  const spread = yes.slice(1).reduce((sum, token, k) => {
    const centre = W.reduce((total, row, v) => plus(total, times(at(piOf(yes, k + 1), v), row)), new Array<number>(d).fill(0));
    return sum + normSq(minus(at(W, token), centre));
  }, 0);
  const own = (1 - at(pi, chosen)) * normSq(Wp) + at(pi, rejected) * normSq(Wm) + spread;
  const shared = -W.reduce((sum, row, v) => sum + at(pi, v) * dot(row, dW), 0);
  const sumOf = (tokens: Vector): Vector => tokens.map((_, k) => hiddenOf(tokens, k)).reduce(plus);
  const [sPlus, sMinus] = [sumOf(yes), sumOf(no)];
  return {
    rates: [own + first - cross(yes, no) + cross(yes, yes), shared + dot(at(W, at(other, 0)), dW) - cross(other, no) + cross(other, yes)],
    ches: [dot(sPlus, sMinus) - normSq(sPlus), dot(sPlus, sMinus) / (yes.length * no.length) - normSq(sPlus) / yes.length ** 2],
  };
}

const severalTokens: Claim = {
  id: 'sequence-rate',
  paper: '2410.08847',
  where: 'Theorems 6 and 7, Definitions 2 and 3',
  title: 'The same for answers of several tokens',
  statement:
    'For longer answers the rate contains a sum over pairs of positions: products of hidden vectors, weighted by how alike the predictions’ errors are.',
  exact: {
    tex: String.raw`\tfrac{d}{dt}\ln\pi(y^{+})=-\ell'\Big[m+S-\sum_{k,k'}\alpha^{-}_{k,k'}\langle h_{y^{+}_{<k}},h_{y^{-}_{<k'}}\rangle+\sum_{k,k'}\alpha^{+}_{k,k'}\langle h_{y^{+}_{<k}},h_{y^{+}_{<k'}}\rangle\Big]`,
    plain: 'd ln π(y⁺) / dt = -ℓ′ [m + S - Σ α⁻ ⟨h(y⁺<k), h(y⁻<k′)⟩ + Σ α⁺ ⟨h(y⁺<k), h(y⁺<k′)⟩]',
  },
  setup:
    'Answers of four, three and three tokens of five, a free hidden vector of three numbers for every prefix, drawn from N(0, 1), unembeddings from N(0, 0.7²).',
  measured: 'largest difference between theorems and engine: rates of the chosen and of a third answer, CHES and normalised CHES',
  scale: 'log',
  requirement: { ...rounding, threshold: { cpu: 1e-11, webgpu: 2048 * float32Roundoff } },
  seeds: 20,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const { chosen: yes, rejected: no, other } = longAnswers;
    const policy = sequenceFeatures(seed, [yes, no, other]);
    const theorems = sequenceTheorems(policy);
    const { rates, diagnosis } = await ratesOf(engine, policy, { prompt: 0, chosen: yes, rejected: no }, [other]);
    const ches = [diagnosis.ches ?? Number.NaN, diagnosis.chesNormalised ?? Number.NaN];
    return difference([...rates, ...ches], [...times(force, theorems.rates), ...theorems.ches]);
  }),
};

const otherPairs: Claim = {
  id: 'other-pairs',
  paper: '2410.08847',
  where: 'Theorem 8',
  title: 'What other training pairs add',
  statement:
    'A pair of another prompt whose hidden vector is similar changes the rate at this prompt by one printed term, which is negative where it contradicts.',
  exact: {
    tex: String.raw`\tfrac{-\ell'}{|\mathcal D|}\,\alpha_{x,\tilde x}\langle h_x,h_{\tilde x}\rangle,\quad\alpha_{x,\tilde x}=\mathbb 1[y^{+}=\tilde y^{+}]-\mathbb 1[y^{+}=\tilde y^{-}]+\pi(\tilde y^{-}|x)-\pi(\tilde y^{+}|x)`,
    plain: '-ℓ′ / |D| · α ⟨h_x, h_x̃⟩, α = 1[y⁺ = ỹ⁺] - 1[y⁺ = ỹ⁻] + π(ỹ⁻|x) - π(ỹ⁺|x)',
  },
  setup: 'Three prompts and five tokens, vectors drawn from N(0, 1); one pair contradicts the first, one shares no token with it.',
  measured: 'difference between the printed terms and what the two other pairs change',
  scale: 'log',
  requirement: { ...rounding, threshold: { cpu: 1e-11, webgpu: 2048 * float32Roundoff } },
  seeds: 20,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const random = toyRandom(seed);
    const policy: FeaturesPolicy = { kind: 'features', hidden: matrixOf(random, 3, d), unembedding: matrixOf(random, 5, d) };
    const pairs: Pair[] = [
      { prompt: 0, chosen: 0, rejected: 1 },
      { prompt: 1, chosen: 2, rejected: 0 }, // contradicts the first
      { prompt: 2, chosen: 3, rejected: 4 },
    ];
    const h = at(policy.hidden, 0);
    const pi = softmax(policy.unembedding.map((row) => dot(row, h)));
    const terms = pairs.slice(1).map(({ prompt, chosen: yes, rejected: no }) => {
      const alpha = Number(yes === 0) - Number(no === 0) + at(pi, no as number) - at(pi, yes as number);
      return force * alpha * dot(h, at(policy.hidden, prompt));
    });
    const alone = at(await engine.diagnose(still(policy, pairs.slice(0, 1))), 0).chosenRate;
    const together = at(await engine.diagnose(still(policy, pairs)), 0).chosenRate * pairs.length;
    return difference([together - alone], [terms.reduce((sum, x) => sum + x, 0)]);
  }),
};

const noSharing: Claim = {
  id: 'no-sharing',
  paper: '2410.08847',
  where: 'the case that section 4 leaves out',
  title: 'One pair that shares nothing is not displaced',
  statement:
    'With free logits, or with the hidden vector frozen, DPO on a single pair of tokens never lowers the preferred one. Two pairs can: see below.',
  exact: {
    tex: String.raw`\tfrac{d}{dt}\ln\pi(y^{+})=-\ell'\,(1-\pi_{+}+\pi_{-})\,\|h\|^{2}>0`,
    plain: 'd ln π(y⁺) / dt = -ℓ′ (1 - π₊ + π₋) ‖h‖² > 0',
  },
  setup:
    'A table of 40 logits from N(0, 1.5²), and an unembedding of 40 rows from N(0, 1.5²) behind a frozen hidden vector; against each of 39 rejected tokens, five steps of DPO with a step size of 2.',
  measured: 'smallest change of log π(y⁺) over 78 runs',
  unit: 'nats',
  requirement: { sense: 'at least', threshold: 1e-4, of: 'each', reason: 'above 0 by more than float32 rounds a log-probability below 16' },
  seeds: 40,
  expected: 'holds',
  async measure(engine, options) {
    const size = 40;
    const seeds = seedsOf(options);
    const policies: Experiment['policy'][] = [
      { kind: 'tabular', logits: [new Array<number>(size).fill(0)], noise: 1.5 },
      {
        kind: 'features',
        hidden: [[0.8, -0.5, 0.3]],
        unembedding: Array.from({ length: size }, () => [0, 0, 0]),
        train: 'unembedding',
        noise: 1.5,
      },
    ];
    const values = seeds.map(() => Number.POSITIVE_INFINITY);
    for (const [index, policy] of policies.entries()) {
      const { chosenLogpChange } = await engine.sweep(
        {
          experiment: {
            ...still(policy, [{ prompt: 0, chosen, rejected }]),
            optimizer: { kind: 'sgd', learningRate: 2, steps: 5 },
          },
          x: { path: 'seed', values: seeds },
          y: { path: 'pairs[0].rejected', values: Array.from({ length: size - 1 }, (_, z) => z + 1) },
        },
        partOf(options, index, policies.length),
      );
      for (const [cell, change] of chosenLogpChange.entries()) {
        const seed = cell % seeds.length;
        values[seed] = Number.isNaN(change) ? change : Math.min(at(values, seed), change);
      }
    }
    return measurementOf(values, [{ label: 'runs', value: 2 * seeds.length * (size - 1) }]);
  },
};

const opposite: Claim = {
  id: 'opposite-gains',
  paper: '2410.08847',
  where: 'section 4',
  title: 'A much longer copy displaces, an orthogonal vector does not',
  statement:
    'In this model, if the rejected token’s vector is 2.2 times the preferred one’s, the preferred token falls and its opposite gains; with an orthogonal one it rises.',
  exact: {
    tex: String.raw`W_{-}\approx 2.2\,W_{+}:\ \Delta\ln\pi(y^{+})<0,\ \Delta\pi(\text{opposite})>0.05;\qquad W_{-}\perp W_{+}:\ \Delta\ln\pi(y^{+})>0`,
    plain: 'W₋ ≈ 2.2 W₊: Δ ln π(y⁺) < 0 and Δπ(opposite) > 0.05; W₋ ⟂ W₊: Δ ln π(y⁺) > 0',
  },
  setup:
    'Ten tokens, vectors of eight numbers: preferred u, rejected 2.2 u (control: 2.2 v, v ⟂ u), opposite -1.5 u, the others small; h near 0.3 u; DPO with β = 0.1, both trained, 25 steps of 0.5.',
  measured: 'gain of the opposite token where the preferred one fell, the margin grew and the control rose; else 0',
  requirement: {
    sense: 'at least',
    threshold: 0.05,
    of: 0.95,
    reason: 'the page’s own choice: five percentage points',
  },
  seeds: 60,
  expected: 'holds',
  async measure(engine, options) {
    const falls: number[] = [];
    const rises: number[] = [];
    const values = await forSeeds(options, async (seed) => {
      const random = toyRandom(seed);
      const near = (axis: number, length: number, spread: number): number[] =>
        vectorOf(random, 8, spread).map((x, i) => x + (i === axis ? length : 0));
      const others = matrixOf(random, 7, 8, 0.2);
      const [preferred, contrary, hidden] = [near(0, 1, 0.05), near(0, -1.5, 0.05), near(0, 0.3, 0.05)];
      const run = async (axis: number) => {
        const { steps } = await engine.train({
          ...still({ kind: 'features', hidden: [hidden], unembedding: [preferred, near(axis, 2.2, 0.05), contrary, ...others] }, [
            { prompt: 0, chosen, rejected },
          ]),
          objective: { name: 'dpo', params: { beta: 0.1 } },
          optimizer: { kind: 'sgd', learningRate: 0.5, steps: 25 },
          record: [0, 25],
        });
        const [first, last] = [at(steps, 0), at(steps, 1)];
        const moved = (side: 'chosenLogps' | 'rejectedLogps'): number => at(last[side], 0) - at(first[side], 0);
        return {
          preferred: moved('chosenLogps'),
          margin: moved('chosenLogps') - moved('rejectedLogps'),
          opposite: at(last.probs ?? [], 2) - at(first.probs ?? [], 2),
        };
      };
      const [aligned, control] = [await run(0), await run(1)];
      falls.push(aligned.preferred);
      rises.push(control.preferred);
      return aligned.preferred < 0 && aligned.margin > 0 && control.preferred > 0 ? aligned.opposite : 0;
    });
    return measurementOf(values, [
      { label: 'mean Δ ln π(y⁺), aligned', value: mean(falls) },
      { label: 'mean Δ ln π(y⁺), orthogonal', value: mean(rises) },
    ]);
  },
};

export const displacementClaims: readonly Claim[] = [oneToken, gainers, severalTokens, otherPairs, noSharing, opposite];
