import type { Experiment, Pair, SequenceFeaturesPolicy } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { softmax } from '../../core/softmax.ts';
import { type Claim, forSeeds, measurementOf, seedBySeed, seedsOf } from '../claim.ts';
import { at, dot, float32Roundoff, matrixOf, minus, normSq, plus, times, toyRandom, uniformOf, vectorOf } from '../claim-tools.ts';
import { longAnswers, ratesOf, sequenceFeatures } from './displacement.ts';

const beta = 0.3;
/** -ℓ' of DPO where the policy is still its reference. */
const force = beta / 2;

const order: Claim = {
  id: 'first-order',
  paper: '2410.13828',
  where: 'the first-order formulas',
  title: 'Inner products predict the step',
  statement:
    'How far a small step moves both log-probabilities follows from two norms and one inner product; the error is quadratic in the step.',
  exact: {
    tex: String.raw`\Delta\ln\pi_w=C\,(\|g_w\|^2-\langle g_w,g_l\rangle)+O(\eta^2),\quad\Delta\ln\pi_l=C\,(\langle g_w,g_l\rangle-\|g_l\|^2)+O(\eta^2)`,
    plain: 'Δ ln π_w = C (‖g_w‖² - ⟨g_w, g_l⟩) + O(η²), Δ ln π_l = C (⟨g_w, g_l⟩ - ‖g_l‖²) + O(η²)',
  },
  setup:
    'Answers of four and three tokens with a free hidden vector for every prefix, drawn from N(0, 1); one step of DPO with η = 2⁻³ and one with 2⁻⁴.',
  measured: 'order of the error: log₂ of how much it shrinks when the step is halved, the smaller of both answers’',
  requirement: {
    sense: 'at least',
    threshold: 1.7,
    of: 0.95,
    reason: 'a quadratic error has order 2 in the limit; 0.3 is left to the cubic term',
  },
  seeds: 60,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const { chosen, rejected } = longAnswers;
    const policy = sequenceFeatures(seed, [chosen, rejected]);
    const pair: Pair = { prompt: 0, chosen, rejected };
    const { rates, diagnosis } = await ratesOf(engine, policy, pair);
    const errors = async (learningRate: number): Promise<number[]> => {
      const { steps } = await engine.train({
        policy,
        pairs: [pair],
        objective: { name: 'dpo', params: { beta } },
        optimizer: { kind: 'sgd', learningRate, steps: 1 },
        record: [0, 1],
      });
      const moved = (side: 'chosenLogps' | 'rejectedLogps'): number => at(at(steps, 1)[side], 0) - at(at(steps, 0)[side], 0);
      return [
        Math.abs(moved('chosenLogps') - learningRate * at(rates, 0)),
        Math.abs(moved('rejectedLogps') - learningRate * diagnosis.rejectedRate),
      ];
    };
    const [large, small] = [await errors(2 ** -3), await errors(2 ** -4)];
    // judged where there is an error to judge: where the quadratic term happens to vanish, rounding is all there is
    const orders = large.map((error, i) => Math.log2(error / at(small, i))).filter((_, i) => at(large, i) > 1e-4);
    return orders.length > 0 ? Math.min(...orders) : 2;
  }),
};

const cases: Claim = {
  id: 'case-table',
  paper: '2410.13828',
  where: 'the cases of Table 1',
  title: 'Three cases, never a fourth',
  statement:
    'Whether a small step on a loss that falls as the margin grows, and of it alone, raises both log-probabilities, lowers both, or parts them is decided by the inner product and the norms; “preferred down, rejected up” cannot happen.',
  exact: {
    tex: String.raw`\ln\pi_w\uparrow\iff\langle g_w,g_l\rangle<\|g_w\|^2,\qquad\ln\pi_l\downarrow\iff\langle g_w,g_l\rangle<\|g_l\|^2`,
    plain: 'ln π_w rises ⇔ ⟨g_w, g_l⟩ < ‖g_w‖²; ln π_l falls ⇔ ⟨g_w, g_l⟩ < ‖g_l‖²',
  },
  setup:
    'All 380 ordered pairs of 20 tokens, unembeddings of four numbers from N(0, 1), hidden vector from N(0, 0.3²); one small step of DPO on each pair.',
  measured: 'share of the pairs whose signs are as predicted; pairs that are too close to call are left out',
  requirement: { sense: 'at least', threshold: 1, of: 'each', reason: 'a sign is right or wrong' },
  seeds: 10,
  expected: 'holds',
  async measure(engine, options) {
    const size = 20;
    const seen: Record<string, number> = { 'up, down': 0, 'down, down': 0, 'up, up': 0, 'down, up': 0 };
    const values = await forSeeds(options, async (seed, run) => {
      const random = toyRandom(seed);
      const [h, W] = [vectorOf(random, 4, 0.3), matrixOf(random, size, 4)];
      const pi = softmax(W.map((row) => dot(row, h)));
      const centre = W.reduce((sum, row, z) => plus(sum, times(at(pi, z), row)), [0, 0, 0, 0]);
      const centred = W.map((row) => minus(row, centre));
      // ⟨g_a, g_b⟩ = ‖h‖² ⟨e_a - π, e_b - π⟩ + ⟨W_a - W̄, W_b - W̄⟩
      const product = (a: number, b: number): number =>
        normSq(h) * (Number(a === b) - at(pi, a) - at(pi, b) + normSq(pi)) + dot(at(centred, a), at(centred, b));
      const learningRate = engine.backend === 'cpu' ? 1e-6 : 1e-3;
      const tokens = W.map((_, v) => v);
      const { chosenLogpChange, rejectedLogpChange } = await engine.sweep(
        {
          experiment: {
            policy: { kind: 'features', hidden: [h], unembedding: W },
            pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
            objective: { name: 'dpo', params: { beta } },
            optimizer: { kind: 'sgd', learningRate, steps: 1 },
          },
          x: { path: 'pairs[0].chosen', values: tokens },
          y: { path: 'pairs[0].rejected', values: tokens },
        },
        run,
      );
      // What rounding of log-probs below 16, and the second order, can hide.
      const hidden = (engine.backend === 'cpu' ? 1e-14 : 64 * float32Roundoff) + 200 * learningRate ** 2;
      let [right, all] = [0, 0];
      for (const w of tokens)
        for (const l of tokens) {
          if (w === l) continue;
          const inner = product(w, l);
          const first = [product(w, w) - inner, inner - product(l, l)].map((x) => force * learningRate * x);
          if (!first.every((x) => Math.abs(x) > hidden)) continue;
          const moved = [at(chosenLogpChange, l * size + w), at(rejectedLogpChange, l * size + w)];
          all++;
          if (moved.every((x, side) => Math.sign(x) === Math.sign(at(first, side)))) right++;
          const pattern = moved.map((x) => (x > 0 ? 'up' : 'down')).join(', ');
          seen[pattern] = (seen[pattern] ?? 0) + 1;
        }
      return right / all;
    });
    return measurementOf(
      values,
      Object.entries(seen).map(([label, value]) => ({ label: `preferred ${label.replace(', ', ', rejected ')}`, value })),
    );
  },
};

const lastLayer: Claim = {
  id: 'last-layer',
  paper: '2410.13828',
  where: 'one token, last layer',
  title: 'One token, last layer: always ideal',
  statement:
    'With one pair of one-token answers, a loss of the margin alone that falls as it grows, and only the last layer trained, the preferred log-probability always rises and the rejected one falls.',
  exact: {
    tex: String.raw`\|g_w\|^2-\langle g_w,g_l\rangle=\|h\|^2(1-\pi_w+\pi_l)>0,\quad\|g_l\|^2-\langle g_w,g_l\rangle=\|h\|^2(1-\pi_l+\pi_w)>0`,
    plain: '‖g_w‖² - ⟨g_w, g_l⟩ = ‖h‖² (1 - π_w + π_l) > 0, ‖g_l‖² - ⟨g_w, g_l⟩ = ‖h‖² (1 - π_l + π_w) > 0',
  },
  setup: '24 unembeddings of three numbers from N(0, 1.5²), the hidden vector frozen; one step of 1 against each of 23 rejected tokens.',
  measured: 'smallest movement in the wanted direction, of either answer, over 23 runs',
  unit: 'nats',
  requirement: { sense: 'at least', threshold: 1e-4, of: 'each', reason: 'above 0 by more than float32 rounds a log-probability below 16' },
  seeds: 40,
  expected: 'holds',
  async measure(engine, options) {
    const seeds = seedsOf(options);
    const rows = 23;
    const { chosenLogpChange, rejectedLogpChange } = await engine.sweep(
      {
        experiment: {
          policy: {
            kind: 'features',
            hidden: [[0.8, -0.5, 0.3]],
            unembedding: Array.from({ length: rows + 1 }, () => [0, 0, 0]),
            train: 'unembedding',
            noise: 1.5,
          },
          pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
          objective: { name: 'dpo', params: { beta } },
          optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
        },
        x: { path: 'seed', values: seeds },
        y: { path: 'pairs[0].rejected', values: Array.from({ length: rows }, (_, z) => z + 1) },
      },
      options,
    );
    return measurementOf(
      seeds.map((_, x) =>
        Math.min(
          ...Array.from({ length: rows }, (__, y) => [
            at(chosenLogpChange, y * seeds.length + x),
            -at(rejectedLogpChange, y * seeds.length + x),
          ]).flat(),
        ),
      ),
    );
  },
};

const [words, width] = [12, 8];

/** Pairs that go on alike after the first word, with hidden vectors that are scaled copies; or pairs that share nothing but the prompt. */
function linearPairs(seed: number, count: number, alike: boolean): Pick<Experiment, 'policy' | 'pairs'> {
  const random = toyRandom(seed + (alike ? 0 : 2 ** 20));
  const length = 5;
  const prefixes: SequenceFeaturesPolicy['prefixes'] = [];
  const pairs = Array.from({ length: count }, (_, prompt): Pair => {
    const answer = (): number[] => Array.from({ length }, () => random.below(words));
    const chosen = answer();
    const rejected = alike ? [...chosen] : answer();
    rejected[0] = (at(chosen, 0) + 1) % words;
    const own = chosen.map(() => vectorOf(random, width));
    const size = uniformOf(random, 0.6, 1.5);
    const other = own.map((x) => (alike ? plus(times(size, x), vectorOf(random, width, 0.1)) : vectorOf(random, width)));
    for (let k = 0; k < length; k++) {
      prefixes.push({ prompt, tokens: chosen.slice(0, k), hidden: [...at(own, k)] });
      if (k > 0) prefixes.push({ prompt, tokens: rejected.slice(0, k), hidden: [...at(other, k)] });
    }
    return { prompt, chosen, rejected };
  });
  return {
    policy: {
      kind: 'sequence',
      form: 'features',
      prefixes,
      unembedding: matrixOf(random, words, width, 1 / Math.sqrt(width)),
      train: 'unembedding',
    },
    pairs,
  };
}

const together: Claim = {
  id: 'suffix-together',
  paper: '2410.13828',
  where: 'short and long suffix',
  title: 'Pairs that share a suffix move together',
  statement:
    'In a small step both log-probabilities move the same way in many more of the pairs that differ in one word than of unrelated pairs.',
  exact: {
    tex: String.raw`P(\text{same way}\mid\text{shared suffix})-P(\text{same way}\mid\text{unrelated})\ge0.2`,
    plain: 'P(same way | shared suffix) - P(same way | unrelated) ≥ 0.2',
  },
  setup:
    'Answers of five words out of twelve, one trained layer of eight numbers a word, hidden vectors from N(0, 1), the rejected answer’s a copy scaled by 0.6 to 1.5; 20 pairs of each kind a seed.',
  measured: 'difference of the two shares',
  requirement: { sense: 'at least', threshold: 0.2, of: 'mean', reason: 'the page’s own choice: a fifth of all pairs' },
  seeds: 10,
  expected: 'holds',
  async measure(engine, options) {
    const shares: [number[], number[]] = [[], []];
    const values = await forSeeds(options, async (seed) => {
      for (const [index, alike] of [true, false].entries()) {
        const diagnoses = await engine.diagnose({
          ...linearPairs(seed, 20, alike),
          objective: { name: 'dpo', params: { beta } },
          optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
        });
        shares[index]?.push(diagnoses.filter(({ pattern }) => pattern !== 'chosen-up-rejected-down').length / diagnoses.length);
      }
      return (shares[0].at(-1) ?? Number.NaN) - (shares[1].at(-1) ?? Number.NaN);
    });
    return measurementOf(values, [
      { label: 'shared suffix', value: mean(shares[0]) },
      { label: 'unrelated', value: mean(shares[1]) },
    ]);
  },
};

export const entanglementClaims: readonly Claim[] = [order, cases, lastLayer, together];
