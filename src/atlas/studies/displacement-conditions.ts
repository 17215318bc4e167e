import type { Experiment, FeaturesPolicy, Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { rankCorrelation } from '../../core/rank-correlation.ts';
import { type Claim, forSeeds, measurementOf, seedsOf } from '../claim.ts';
import { at, matrixOf, toyRandom, vectorOf } from '../claim-tools.ts';
import { trainPresets } from '../toys/no-over-never.ts';
import { aloneExperiment, pairSet } from '../toys/pair-set.ts';
import { defaultPairSet } from '../toys/pair-set-settings.ts';
import { still } from './displacement.ts';
import { jittered } from './no-over-never.ts';

const [chosen, rejected] = [0, 1];
const dpo = { name: 'dpo', params: { beta: 0.1 } } as const;
const one: Pair = { prompt: 0, chosen, rejected };
const shareOf = <T>(list: readonly T[], is: (item: T) => boolean): number => list.filter(is).length / list.length;

const twoPairs: Claim = {
  id: 'two-pairs',
  paper: '2410.08847',
  where: 'the case that section 4 leaves out, with two pairs',
  title: 'Two pairs displace without sharing',
  statement:
    'Trained on A over B and on B over C from nearly equal odds, free logits lower the mean log-probability of the preferred answers, while the loss falls.',
  exact: {
    tex: String.raw`\mathcal L(\theta_{100})<\mathcal L(\theta_0),\quad\tfrac12\big[\Delta\ln\pi(A)+\Delta\ln\pi(B)\big]<0`,
    plain: 'the loss falls, and so does the mean of ln π(A) and ln π(B)',
  },
  setup: 'Three answers with free logits from N(0, 0.1²); DPO with β = 0.1 on both pairs, 100 steps of 1.',
  measured: 'mean change of ln π of the two preferred answers',
  unit: 'nats',
  requirement: { sense: 'at most', threshold: -0.01, of: 0.95, reason: 'below 0 by more than float32 loses in 100 steps' },
  seeds: 60,
  expected: 'holds',
  async measure(engine, options) {
    const seeds = seedsOf(options);
    const { chosenLogpChange, loss } = await engine.sweep(
      {
        experiment: {
          policy: { kind: 'tabular', logits: [[0, 0, 0]], noise: 0.1 },
          pairs: [
            { prompt: 0, chosen: 0, rejected: 1 },
            { prompt: 0, chosen: 1, rejected: 2 },
          ],
          objective: dpo,
          optimizer: { kind: 'sgd', learningRate: 1, steps: 100 },
        },
        x: { path: 'seed', values: seeds },
        y: { path: 'objective.params.beta', values: [dpo.params.beta] },
      },
      options,
    );
    const values = [...chosenLogpChange];
    return measurementOf(values, [
      { label: 'share of starts from which it falls', value: shareOf(values, (value) => value < 0) },
      { label: 'largest loss at the end, ln 2 at the start', value: Math.max(...loss) },
    ]);
  },
};

/** How long the rejected token's vector is, as a multiple of the preferred one's. */
const lengths = [0.5, 0.8, 1, 1.2, 1.5, 2.2] as const;

const longer: Claim = {
  id: 'longer-displaces',
  paper: '2410.08847',
  where: 'section 4',
  title: 'Aligned is not enough: it must be longer',
  statement:
    'In this model a rejected vector along the preferred one displaces it where it is 2.2 times as long, and does not where it is as long or shorter.',
  exact: {
    tex: String.raw`W_{-}\approx s\,W_{+}:\quad\Delta\ln\pi(y^{+})>0\text{ for }s\in\{0.5,\,0.8,\,1\},\quad\Delta\ln\pi(y^{+})<0\text{ for }s=2.2;\qquad\text{near }\langle W_{+},W_{-}\rangle>\|W_{+}\|^{2}`,
    plain: 'W₋ ≈ s W₊: Δ ln π(y⁺) > 0 for s = 0.5, 0.8 and 1, < 0 for s = 2.2; it turns near ⟨W₊, W₋⟩ > ‖W₊‖²',
  },
  setup:
    'Ten tokens, vectors of eight numbers: preferred u, rejected s u, a third -1.5 u, the others small; h near 0.3 u; DPO with β = 0.1, both trained, 25 steps of 0.5.',
  measured: 'smallest of Δ ln π(y⁺) at s = 0.5, 0.8 and 1 and of -Δ ln π(y⁺) at s = 2.2',
  unit: 'nats',
  requirement: { sense: 'at least', threshold: 1e-4, of: 0.95, reason: 'above 0 by more than float32 rounds a log-probability below 16' },
  seeds: 60,
  expected: 'holds',
  async measure(engine, options) {
    const changes = await forSeeds(options, async (seed, run) => {
      const random = toyRandom(seed);
      const near = (length: number): number[] => vectorOf(random, 8, 0.05).map((x, i) => x + (i === 0 ? length : 0));
      const [preferred, contrary, hidden, own] = [near(1), near(-1.5), near(0.3), near(0)];
      const rows = lengths.map((s) => own.map((x, i) => x + (i === 0 ? s : 0)));
      const policy: FeaturesPolicy = {
        kind: 'features',
        hidden: [hidden],
        unembedding: [preferred, at(rows, 0), contrary, ...matrixOf(random, 7, 8, 0.2)],
      };
      const { chosenLogpChange } = await engine.sweep(
        {
          experiment: { ...still(policy, [one]), objective: dpo, optimizer: { kind: 'sgd', learningRate: 0.5, steps: 25 } },
          x: { path: 'policy.unembedding[1]', values: rows },
          y: { path: 'seed', values: [seed] },
        },
        run,
      );
      return [...chosenLogpChange];
    });
    return measurementOf(
      changes.map((change) => Math.min(...change.slice(0, 3), -at(change, lengths.length - 1))),
      lengths.map((s, i) => ({ label: `share of draws that fall at s = ${s}`, value: shareOf(changes, (change) => at(change, i) < 0) })),
    );
  },
};

const passes: Claim = {
  id: 'displacement-passes',
  paper: '2410.08847',
  where: 'section 3, trained for longer',
  title: 'What is displaced can come back',
  statement: 'With both vectors trained at scale 2.5, “No” is below its start after 40 updates and above it again after 400.',
  exact: {
    tex: String.raw`\ln\pi_{40}(\text{No})<\ln\pi_{0}(\text{No})<\ln\pi_{400}(\text{No})`,
    plain: 'ln π(No): after 40 updates < at the start < after 400 updates',
  },
  setup: '“No over Never” at scale 2.5 with every number moved by N(0, 0.03²), both vectors trained; DPO with β = 0.1, steps of 0.1.',
  measured: 'the smaller of: how far ln π(No) is below its start after 40 updates, and above it after 400',
  unit: 'nats',
  requirement: { sense: 'at least', threshold: 1e-3, of: 0.95, reason: 'above 0 by more than float32 loses in 400 updates' },
  seeds: 60,
  expected: 'holds',
  async measure(engine, options) {
    const falls: number[] = [];
    const values = await forSeeds(options, async (seed, run) => {
      const { chosenLogpChange } = await engine.sweep(
        {
          experiment: {
            ...still({ ...jittered(seed), scale: 2.5 }, [one]),
            objective: dpo,
            optimizer: { kind: 'sgd', learningRate: trainPresets.both.learningRate, steps: 400 },
          },
          x: { path: 'optimizer.steps', values: [40, 400] },
          y: { path: 'seed', values: [seed] },
        },
        run,
      );
      falls.push(at(chosenLogpChange, 0));
      return Math.min(-at(chosenLogpChange, 0), at(chosenLogpChange, 1));
    });
    return measurementOf(values, [{ label: 'mean Δ ln π(No) after 40 updates', value: mean(falls) }]);
  },
};

const rareKinds = [
  { size: 3, train: 'hidden' },
  { size: 3, train: 'both' },
  { size: 8, train: 'hidden' },
  { size: 8, train: 'both' },
] as const;
const [tokens, draws] = [6, 10];

const rare: Claim = {
  id: 'displacement-rare',
  paper: '2410.08847',
  where: 'section 4, for random vectors',
  title: 'Among random vectors, displacement is rare',
  statement:
    'For six tokens with random vectors of three numbers, the hidden one trained, a small step lowers the preferred token in at most a fifth of the cases.',
  exact: {
    tex: String.raw`P\big(\|g_w\|^{2}<\langle g_w,g_l\rangle\big)\le0.2`,
    plain: 'P(‖g_w‖² < ⟨g_w, g_l⟩) ≤ 0.2',
  },
  setup: `Six tokens, vectors of three numbers from N(0, 1), the hidden vector trained; every pair of tokens for ${draws} hidden vectors a seed. Also with vectors of eight numbers, and with both trained.`,
  measured: 'share of the pairs whose preferred token falls at first order',
  requirement: {
    sense: 'at most',
    threshold: 0.2,
    of: 'mean',
    reason: 'the page’s own choice: one in five is the exception, where a coin would give half',
  },
  seeds: 40,
  expected: 'holds',
  async measure(engine, options) {
    const shares = await forSeeds(options, async (seed) => {
      const found: number[] = [];
      for (const { size, train } of rareKinds) {
        const random = toyRandom(seed);
        const policy: FeaturesPolicy = {
          kind: 'features',
          hidden: matrixOf(random, draws, size),
          unembedding: matrixOf(random, tokens, size),
          train,
        };
        const pairs = Array.from({ length: draws * tokens * tokens }, (_, i): Pair => {
          const [place, prompt] = [i % (tokens * tokens), Math.floor(i / (tokens * tokens))];
          return { prompt, chosen: place % tokens, rejected: Math.floor(place / tokens) };
        }).filter((pair) => pair.chosen !== pair.rejected);
        const diagnoses = await engine.diagnose(still(policy, pairs));
        found.push(shareOf(diagnoses, ({ chosenGradNormSq, innerProduct }) => chosenGradNormSq < innerProduct));
      }
      return found;
    });
    return measurementOf(
      shares.map((found) => at(found, 0)),
      rareKinds.map(({ size, train }, i) => ({
        label: `mean share, ${size} numbers, ${train} trained`,
        value: mean(shares.map((found) => at(found, i))),
      })),
    );
  },
};

const chesDisplaced: Claim = {
  id: 'ches-displaced',
  paper: '2410.08847',
  where: 'Definition 2 and section 5, where answers fall',
  title: 'Where answers fall, CHES ranks weakly',
  statement:
    'In the page’s own set of pairs, of which some fall, the preferred answer tends to gain less the larger CHES is: ρ is about -0.4.',
  exact: {
    tex: String.raw`\rho\big(\mathrm{CHES},\ \tfrac{d}{dt}\ln\pi(y^{+})\big)\le-0.2`,
    plain: 'ρ(CHES, d ln π(y⁺) / dt) ≤ -0.2',
  },
  setup: `The page’s own set of ${defaultPairSet.count} pairs of one to four tokens out of 12, vectors of six numbers, the likelier answer preferred.`,
  measured: 'Spearman’s rank correlation of CHES with the rate of the preferred answer',
  requirement: {
    sense: 'at most',
    threshold: -0.2,
    of: 'mean',
    reason: 'the page’s own choice: a correlation between 0.2 and 0.4 is commonly called weak, and 0 would be no relation',
  },
  seeds: 8,
  expected: 'holds',
  async measure(engine, options) {
    const fallen: number[] = [];
    const values = await forSeeds(options, async (seed) => {
      const experiment: Experiment = { ...aloneExperiment(pairSet({ ...defaultPairSet, seed })), objective: dpo };
      const diagnoses = await engine.diagnose(experiment);
      const rates = diagnoses.map(({ chosenGradNormSq, innerProduct }) => chosenGradNormSq - innerProduct);
      fallen.push(shareOf(rates, (rate) => rate < 0));
      return rankCorrelation(
        diagnoses.map(({ ches }) => ches ?? Number.NaN),
        rates,
      );
    });
    return measurementOf(values, [{ label: 'share of pairs whose preferred answer falls', value: mean(fallen) }]);
  },
};

export const displacementConditionsClaims: readonly Claim[] = [twoPairs, longer, passes, rare, chesDisplaced];
