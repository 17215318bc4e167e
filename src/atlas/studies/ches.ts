import type { Experiment, Pair, SequenceFeaturesPolicy } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { rankCorrelation } from '../../core/rank-correlation.ts';
import { type Claim, type ClaimEngine, type ClaimOptions, forSeeds, type Measurement, measurementOf } from '../claim.ts';
import { at, dot, matrixOf, normSq, plus, times, toyRandom, uniformOf, type Vector, vectorOf } from '../claim-tools.ts';

/**
 * A random unconstrained-features model in which CHES (arXiv:2410.08847, Definition 2) can be tried: every pair has a prompt of its own, and a
 * free hidden vector for each prefix. The rejected answer's vectors resemble the chosen one's to a degree that is drawn for each pair.
 */
interface ChesToy {
  readonly pairs: number;
  /** tokens of an answer: shortest and longest */
  readonly lengths: readonly [number, number];
  /** length of the unembedding of a token that every prediction favours; 0: predictions are nearly uniform */
  readonly common: number;
}

const vocabulary = 30;
const dimensions = 24;
/** of the hidden vectors off the common direction, and of the unembeddings */
const [hiddenSize, tokenSize] = [6, 0.1];

function chesToy(seed: number, { pairs: count, lengths: [shortest, longest], common }: ChesToy): Pick<Experiment, 'policy' | 'pairs'> {
  const random = toyRandom(seed);
  const raw = vectorOf(random, dimensions);
  const axis = times(1 / Math.sqrt(normSq(raw)), raw);
  const rows = matrixOf(random, vocabulary, dimensions, tokenSize / Math.sqrt(dimensions));
  const unembedding = rows.map((row, z) => (z === 0 && common > 0 ? times(common, axis) : row));
  const free = (): Vector => {
    const x = vectorOf(random, dimensions, hiddenSize / Math.sqrt(dimensions));
    return plus(x, times(-dot(x, axis), axis));
  };
  const along = (x: Vector): Vector => plus(times(1.5, axis), x);
  const prefixes: SequenceFeaturesPolicy['prefixes'] = [];
  const pairs = Array.from({ length: count }, (_, prompt): Pair => {
    const [likeness, size] = [uniformOf(random, -0.2, 1), uniformOf(random, 0.5, 1.6)];
    const answer = (): number[] =>
      Array.from({ length: shortest + random.below(longest - shortest + 1) }, () => 1 + random.below(vocabulary - 1));
    const [chosen, rejected] = [answer(), answer()];
    while (rejected[0] === chosen[0]) rejected[0] = 1 + random.below(vocabulary - 1);
    const own = chosen.map(free);
    prefixes.push(...own.map((x, k) => ({ prompt, tokens: chosen.slice(0, k), hidden: [...along(x)] })));
    for (let k = 1; k < rejected.length; k++) {
      const mixed = plus(times(likeness, own[k] ?? free()), times(Math.sqrt(1 - Math.min(1, likeness ** 2)), free()));
      prefixes.push({ prompt, tokens: rejected.slice(0, k), hidden: [...along(times(size, mixed))] });
    }
    return { prompt, chosen, rejected };
  });
  return { policy: { kind: 'sequence', form: 'features', prefixes, unembedding }, pairs };
}

const dpo = (toy: Pick<Experiment, 'policy' | 'pairs'>): Experiment => ({
  ...toy,
  objective: { name: 'dpo', params: { beta: 0.1 } },
  optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
});

/** CHES of every pair, and how fast a step on that pair alone would raise its chosen answer, for each unit of -ℓ'. */
async function predictions(engine: ClaimEngine, toy: Pick<Experiment, 'policy' | 'pairs'>) {
  const diagnoses = await engine.diagnose(dpo(toy));
  return {
    ches: diagnoses.map(({ ches }) => ches ?? Number.NaN),
    normalised: diagnoses.map(({ chesNormalised }) => chesNormalised ?? Number.NaN),
    rates: diagnoses.map(({ chosenGradNormSq, innerProduct }) => chosenGradNormSq - innerProduct),
  };
}

const rankFormula = {
  tex: String.raw`\rho\big(\mathrm{CHES},\ \tfrac{d}{dt}\ln\pi(y^{+})\big),\quad\mathrm{CHES}=\Big\langle\sum_{k}h_{y^{+}_{<k}},\sum_{k'}h_{y^{-}_{<k'}}\Big\rangle-\Big\|\sum_{k}h_{y^{+}_{<k}}\Big\|^{2}`,
  plain: 'ρ(CHES, d ln π(y⁺) / dt), CHES = ⟨Σ h(y⁺<k), Σ h(y⁻<k)⟩ - ‖Σ h(y⁺<k)‖²',
};
const toyWords =
  '30 pairs of four tokens out of 30, a free hidden vector of 24 numbers for every prefix; how alike a pair’s vectors are is drawn.';

/** Rank correlations with the rate, in one toy. */
async function correlate(toy: ChesToy, engine: ClaimEngine, options: ClaimOptions, which: 'ches' | 'normalised'): Promise<Measurement> {
  let fallers = 0;
  const values = await forSeeds(options, async (seed) => {
    const found = await predictions(engine, chesToy(seed, toy));
    fallers += found.rates.filter((rate) => rate < 0).length;
    return rankCorrelation(found[which], found.rates);
  });
  return measurementOf(values, [{ label: 'share of pairs whose preferred answer falls', value: fallers / (toy.pairs * options.seeds) }]);
}

const ranks: Claim = {
  id: 'ches-ranks',
  paper: '2410.08847',
  where: 'Definition 2 and section 5',
  title: 'CHES ranks the pairs',
  statement:
    'The more the hidden vectors of a pair overlap, the less its preferred answer gains, where one token outside them dominates every prediction and none falls.',
  exact: { ...rankFormula, tex: `${rankFormula.tex},\\quad\\rho\\le-0.8`, plain: `${rankFormula.plain}; ρ ≤ -0.8` },
  setup: `${toyWords} One common token dominates every prediction. No preferred answer falls here: the claim ranks gains.`,
  measured: 'Spearman’s rank correlation of CHES with the rate of the preferred answer',
  requirement: {
    sense: 'at most',
    threshold: -0.8,
    of: 'mean',
    reason: 'the page’s own choice: nearly the same ranking, where 0 would be no relation',
  },
  seeds: 8,
  expected: 'holds',
  measure: (engine, options) => correlate({ pairs: 30, lengths: [4, 4], common: 4 }, engine, options, 'ches'),
};

const uniformPredictions: Claim = {
  id: 'ches-uniform',
  paper: '2410.08847',
  where: 'Definition 2, without its assumption',
  title: 'CHES ranks pairs in every model',
  statement: 'The same strong ranking is found when the predictions are nearly uniform.',
  exact: { ...rankFormula, tex: `${rankFormula.tex},\\quad\\rho\\le-0.8`, plain: `${rankFormula.plain}; ρ ≤ -0.8` },
  setup: `${toyWords} No token dominates: predictions are nearly uniform.`,
  measured: 'Spearman’s rank correlation of CHES with the rate of the preferred answer',
  requirement: ranks.requirement,
  seeds: 8,
  expected: 'does not hold',
  instead:
    'CHES replaces every coefficient α of Theorem 6 by 1. That is a fair guess where one token outside the answers has nearly all of every prediction; where predictions are nearly uniform α is near 1 for equal tokens and near 0 for others, and the correlation is weak. No answer falls here; where some do, see “Where answers fall, CHES ranks weakly”.',
  measure: (engine, options) => correlate({ pairs: 30, lengths: [4, 4], common: 0 }, engine, options, 'ches'),
};

const normalised: Claim = {
  id: 'ches-normalised',
  paper: '2410.08847',
  where: 'Definition 3, beyond what the paper uses it for',
  title: 'Normalised CHES predicts the same',
  statement: 'CHES divided by the lengths of the answers predicts the change of the whole answer’s log-probability as well.',
  exact: {
    tex: String.raw`\rho\Big(\frac{\langle s_{+},s_{-}\rangle}{|y^{+}||y^{-}|}-\frac{\|s_{+}\|^{2}}{|y^{+}|^{2}},\ \tfrac{d}{dt}\ln\pi(y^{+})\Big)\le-0.8`,
    plain: 'ρ(⟨s₊, s₋⟩ / |y⁺||y⁻| - ‖s₊‖² / |y⁺|², d ln π(y⁺) / dt) ≤ -0.8',
  },
  setup:
    '30 pairs of one to eight tokens out of 30, a free hidden vector of 24 numbers for every prefix, one common token that dominates every prediction.',
  measured: 'Spearman’s rank correlation of normalised CHES with the rate of the preferred answer',
  requirement: ranks.requirement,
  seeds: 8,
  expected: 'does not hold',
  instead:
    'The paper uses the normalised form to filter data only: it takes away the influence of the answers’ lengths, and with it what predicts a sum over tokens.',
  measure: (engine, options) => correlate({ pairs: 30, lengths: [1, 8], common: 4 }, engine, options, 'normalised'),
};

const filter: Claim = {
  id: 'ches-filter',
  paper: '2410.08847',
  where: 'section 6',
  title: 'Filtering by CHES helps',
  statement:
    'Trained on the half with low CHES, preferred answers gain more on average than on the half with high CHES. About one in twenty falls here.',
  exact: {
    tex: String.raw`\overline{\Delta\ln\pi(y^{+})}\big|_{\text{low}}>\overline{\Delta\ln\pi(y^{+})}\big|_{\text{high}}`,
    plain: 'mean Δ ln π(y⁺) on the low half > on the high half',
  },
  setup: `40 pairs of the toy of “CHES ranks the pairs”; the halves are trained separately with DPO, β = 0.1, 10 steps of 1.`,
  measured: 'mean change of ln π(y⁺) on the low half less that on the high half',
  unit: 'nats',
  requirement: { sense: 'at least', threshold: 0, of: 'mean', reason: 'the sign is the claim; the paper gives no number for a toy' },
  seeds: 8,
  expected: 'holds',
  async measure(engine, options) {
    const [lows, randoms, highs]: [number[], number[], number[]] = [[], [], []];
    const values = await forSeeds(options, async (seed) => {
      const toy = chesToy(seed, { pairs: 40, lengths: [4, 4], common: 4 });
      const { ches } = await predictions(engine, toy);
      const order = ches.map((_, i) => i).sort((a, b) => at(ches, a) - at(ches, b));
      const trained = async (half: readonly number[]): Promise<number> => {
        const { steps } = await engine.train({
          ...dpo({ ...toy, pairs: half.map((i) => at(toy.pairs, i)) }),
          optimizer: { kind: 'sgd', learningRate: 1, steps: 10 },
          record: [0, 10],
        });
        const [before, after] = [at(steps, 0).chosenLogps, at(steps, 1).chosenLogps];
        return after.reduce((sum, logp, i) => sum + logp - at(before, i), 0) / half.length;
      };
      const [low, random, high] = [
        await trained(order.slice(0, 20)),
        await trained(
          toyRandom(seed + 2 ** 20)
            .permutation(40)
            .slice(0, 20),
        ),
        await trained(order.slice(20)),
      ];
      lows.push(low);
      randoms.push(random);
      highs.push(high);
      return low - high;
    });
    return measurementOf(values, [
      { label: 'mean Δ ln π(y⁺), low half', value: mean(lows) },
      { label: 'random half', value: mean(randoms) },
      { label: 'high half', value: mean(highs) },
    ]);
  },
};

export const chesClaims: readonly Claim[] = [ranks, uniformPredictions, normalised, filter];
