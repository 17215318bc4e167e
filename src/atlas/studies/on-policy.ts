import { bestOfN, expectedReward } from '../../core/exact.ts';
import type { ObjectiveChoice, RunOptions } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import type { OnPolicyLoss } from '../../core/on-policy.ts';
import { type Claim, type ClaimEngine, type ClaimOptions, differenceOf, measurementOf, partOf, seedsOf, slowly } from '../claim.ts';
import { at, minus, remember, toyRandom, type Vector } from '../claim-tools.ts';
import { banditBins, banditReference, banditReward, narrowLaw } from '../toys/bandit.ts';

/** Peaks of the bandit's two rewards: R1, where the reference has little mass, and R2, near a peak of its own. */
const peaks = { R1: 70, R2: 20 } as const;
type Peak = keyof typeof peaks;
const peakNames = ['R1', 'R2'] as const;

/** [peaks × seeds, bins] */
const rewardRows = (shown: readonly Peak[], seeds: number): number[][] =>
  shown.flatMap((name) => Array.from({ length: seeds }, () => banditReward(peaks[name])));

/** Expected reward of every row of log-probabilities [rows × bins] under the row's own rewards. */
export const rewardsOf = (logps: Vector, rewards: readonly Vector[]): number[] =>
  rewards.map((row, i) => expectedReward(logps.slice(i * banditBins, (i + 1) * banditBins), row));

/** Updates after which the table of rewards is read. */
export const tableUpdates = [10, 50, 100, 200, 300] as const;
export const [updatesARound, groups, n] = [5, 10, 10];

/** a target margin of 10 = 1 / (2 β) */
const ipo: ObjectiveChoice = { name: 'ipo_sum', params: { beta: 0.05 } };

/** IPO and DPO as objectives of whole groups: the same pairs, but each response is computed once and not with each of its pairs. */
export const tableMethods = {
  'best-of-n': { objective: { name: 'best_of_n' } },
  ipo: { objective: ipo },
  dpo: { objective: { name: 'dpo', params: { beta: 1 } } },
  reinforce: { objective: { name: 'reinforce' } },
  'reinforce-minimum': { objective: { name: 'reinforce_minimum' } },
} as const satisfies Record<string, OnPolicyLoss>;
/** A run of the table: what is trained, on whose samples, towards which peaks, and for how long. */
export interface TableRun {
  readonly method: keyof typeof tableMethods;
  /**
   * offline: fresh samples of the reference each round; fixed: those of the first round, kept; covered and uncovered: a third law, uniform
   * or one that hardly ever sees the far peak
   */
  readonly source: 'offline' | 'fixed' | 'online' | 'uncovered' | 'covered';
  /** IPO and DPO: pairs whose rewards differ by less are left out; default 0 */
  readonly threshold?: number;
  /** of Adam; default 0.05 */
  readonly learningRate?: number;
  /** default both */
  readonly peaks?: readonly Peak[];
  /** default 300 */
  readonly updates?: (typeof tableUpdates)[number];
}

/** Expected rewards [seed] after so many updates. */
export type Rewards = (peak: Peak, updates: (typeof tableUpdates)[number]) => readonly number[];

/** Adam for policies that are the prompts of one run: the loss is a mean over all of them, and so is ε. */
export const adam = (learningRate: number, prompts: number) => ({ kind: 'adam', learningRate, epsilon: 1e-8 / prompts }) as const;

/** One method on the bandit; every peak and seed is a prompt with a row of free logits of its own. */
async function runMethod(
  engine: ClaimEngine,
  options: ClaimOptions,
  { method, source, threshold = 0, learningRate = 0.05, peaks: shown = peakNames, updates = 300 }: TableRun,
): Promise<Rewards> {
  const { seeds, seed = 1 } = options;
  const rows = rewardRows(shown, seeds);
  const each = <T>(row: T): T[] => rows.map(() => row);
  const data = source === 'uncovered' ? narrowLaw() : source === 'covered' ? new Array<number>(banditBins).fill(0) : null;
  const { rounds } = await engine.trainOnPolicy(
    {
      policy: { kind: 'tabular', logits: each(banditReference()) },
      rewards: rows,
      method:
        threshold > 0 && (method === 'ipo' || method === 'dpo') ? { ...tableMethods[method], pairs: { threshold } } : tableMethods[method],
      sampling: {
        groups,
        n,
        rounds: updates / updatesARound,
        updates: updatesARound,
        ...(data ? { sampler: each(data) } : { source: source === 'online' ? 'policy' : 'start', once: source === 'fixed' }),
      },
      optimizer: adam(learningRate, rows.length),
      seed,
    },
    options,
  );
  return (peak, when) => {
    const reached = rewardsOf(at(rounds, when / updatesARound).outcomeLogps, rows);
    const first = shown.indexOf(peak) * seeds;
    return reached.slice(first, first + seeds);
  };
}

/** Rewards of several runs, one run after the other; claims of one engine share them. */
export async function tableRuns<const T extends readonly TableRun[]>(engine: ClaimEngine, options: ClaimOptions, wanted: T) {
  const results: Rewards[] = [];
  for (const [index, run] of wanted.entries()) {
    options.signal?.throwIfAborted();
    const key = `table ${JSON.stringify([run, options.seeds, options.seed ?? 1])}`;
    results.push(await remember(engine, key, () => runMethod(engine, { ...options, ...partOf(options, index, wanted.length) }, run)));
    options.onProgress?.(index + 1, wanted.length);
  }
  return results as { [K in keyof T]: Rewards };
}

const banditWords =
  'The bandit of 100 bins from the paper’s code, exact reference, free logits; each round draws 10 groups of 10 samples, ranks them by reward and makes 5 updates of Adam at 0.05.';
const contrastive = ['best-of-n', 'ipo', 'dpo'] as const;
/** The authors' offline script passes --reward_threshold 0.2. */
export const authorsThreshold = 0.2;

/** Online less offline reward after 300 updates, for each method and seed; the threshold is one of offline data. */
async function gaps(engine: ClaimEngine, options: ClaimOptions, peak: Peak, threshold?: number): Promise<number[][]> {
  const offlineRun = threshold === undefined ? {} : { threshold, peaks: [peak] };
  const runs = await tableRuns(
    engine,
    options,
    contrastive.flatMap((method): TableRun[] => [
      { method, source: 'offline', ...(method === 'best-of-n' ? {} : offlineRun) },
      { method, source: 'online' },
    ]),
  );
  return contrastive.map((_, method) => {
    const [offline, online] = [at(runs, 2 * method), at(runs, 2 * method + 1)];
    return minus(online(peak, 300), offline(peak, 300));
  });
}
/** Of all methods' gaps the smallest, or the largest. */
const extremeGap =
  (extreme: (...values: number[]) => number, peak: Peak, threshold?: number): Claim['measure'] =>
  async (engine, options) => {
    const found = await gaps(engine, options, peak, threshold);
    return measurementOf(
      seedsOf(options).map((_, seed) => extreme(...found.map((gap) => at(gap, seed)))),
      contrastive.map((label, i) => ({ label: `mean gap of ${label}`, value: mean(at(found, i)) })),
    );
  };

const farGap: Claim = {
  id: 'geometry-far',
  paper: '2404.14367',
  where: 'condition C1',
  title: 'Far peak: sampling from the policy decides',
  statement:
    'With the reward’s peak at bin 70, far from the reference, best-of-10, IPO and DPO each gain at least 0.6 of reward on average by sampling from the policy instead of the reference, if they train on all pairs of a group.',
  exact: {
    tex: String.raw`\min_{\text{method}}\big(E_{\pi^{\text{online}}_{300}}[R_1]-E_{\pi^{\text{offline}}_{300}}[R_1]\big)\ge0.6`,
    plain: 'smallest over best-of-10, IPO, DPO of E[R₁] online less E[R₁] offline, after 300 updates, at least 0.6',
  },
  setup: `${banditWords} Reward with its peak at bin 70; best-of-10, IPO (target 10) and DPO (β = 1) on all 45 pairs of a group.`,
  measured: 'smallest of the three gaps between online and offline expected reward',
  requirement: {
    sense: 'at least',
    threshold: 0.6,
    of: 'mean',
    reason: `the page’s own choice: more than half of the largest reward there is; ${slowly}`,
  },
  seeds: 5,
  expected: 'holds',
  measure: extremeGap(Math.min, 'R1'),
};

const nearGap: Claim = {
  id: 'geometry-near',
  paper: '2404.14367',
  where: 'condition C1',
  title: 'Near peak: it hardly matters',
  statement:
    'With the reward’s peak at bin 20, near a peak of the reference’s own, offline data is nearly as good: on average at most 0.1 of reward is lost.',
  exact: {
    tex: String.raw`\max_{\text{method}}\big(E_{\pi^{\text{online}}_{300}}[R_2]-E_{\pi^{\text{offline}}_{300}}[R_2]\big)\le0.1`,
    plain: 'largest over best-of-10, IPO, DPO of E[R₂] online less E[R₂] offline, after 300 updates, at most 0.1',
  },
  setup: `${banditWords} Reward with its peak at bin 20; best-of-10, IPO (target 10) and DPO (β = 1) on all 45 pairs of a group.`,
  measured: 'largest of the three gaps between online and offline expected reward',
  requirement: {
    sense: 'at most',
    threshold: 0.1,
    of: 'mean',
    reason: `the page’s own choice: a tenth of the largest reward there is; ${slowly}`,
  },
  seeds: 5,
  expected: 'holds',
  measure: extremeGap(Math.max, 'R2'),
};

const coverage: Claim = {
  id: 'coverage',
  paper: '2404.14367',
  where: 'condition C2',
  title: 'What the data covers bounds what offline training finds',
  statement:
    'With the same far peak and the same reference, offline DPO earns about 0.7 on data that covers the peak, and next to nothing on data that hardly ever sees it.',
  exact: {
    tex: String.raw`E_{\pi_{200}}[R_1]\big|_{\text{data covers the peak}}-E_{\pi_{200}}[R_1]\big|_{\text{data does not}}\ge0.5`,
    plain: 'E[R₁] after 200 updates on uniform data less that on data about bin 16, at least 0.5',
  },
  setup: `${banditWords} Reward with its peak at bin 70, DPO (β = 1) against the same reference; the samples come from a third law: uniform, or 0.999 of a bump about bin 16.`,
  measured: 'expected reward on the data that covers the peak less that on the data that does not',
  requirement: {
    sense: 'at least',
    threshold: 0.5,
    of: 'mean',
    reason: `the page’s own choice: half of the largest reward there is; ${slowly}`,
  },
  seeds: 5,
  expected: 'holds',
  async measure(engine, options) {
    const [covered, uncovered] = await tableRuns(engine, options, [
      { method: 'dpo', source: 'covered', peaks: ['R1'], updates: 200 },
      { method: 'dpo', source: 'uncovered', peaks: ['R1'], updates: 200 },
    ]);
    return differenceOf(
      { label: 'mean E[R₁], uniform data', values: covered('R1', 200) },
      { label: 'data about bin 16', values: uncovered('R1', 200) },
    );
  },
};

const farGapThreshold: Claim = {
  ...farGap,
  id: 'geometry-far-threshold',
  where: 'condition C1, with the authors’ threshold',
  title: 'The same, without the pairs of nearly equal rewards',
  statement: `With the peak at bin 70, all three gain at least 0.6 also if offline IPO and DPO leave out pairs whose rewards differ by less than ${authorsThreshold}, as the authors’ script does.`,
  setup: `${farGap.setup} Offline, IPO and DPO leave out pairs whose rewards differ by less than ${authorsThreshold}; online they keep all pairs, as in the authors’ on-policy script.`,
  expected: 'does not hold',
  instead:
    'Only best-of-10 gains so much, about 0.68. Offline IPO and DPO learn far more from the pairs that are left, and gain about 0.34 each by sampling from the policy; about 0.3 and 0.27 if the threshold holds online too. Most pairs at this peak compare rewards of nearly 0.',
  measure: extremeGap(Math.min, 'R1', authorsThreshold),
};

/** IPO's reward less best-of-10's at the far peak after 100 updates, seed by seed. */
const lead = (ipo: Rewards, best: Rewards) =>
  differenceOf({ label: 'mean E[R₁], IPO', values: ipo('R1', 100) }, { label: 'best-of-10', values: best('R1', 100) });

const early: Claim = {
  id: 'negative-gradient-early',
  paper: '2404.14367',
  where: 'negative gradient, at one learning rate, on all pairs',
  title: 'A negative gradient is faster offline at the far peak, on all pairs',
  statement:
    'On all pairs of the same offline samples with the same learning rate, IPO, which also pushes losers down, is ahead of best-of-10 after 100 updates.',
  exact: {
    tex: String.raw`E_{\pi^{\text{IPO}}_{100}}[R_1]>E_{\pi^{\text{best-of-10}}_{100}}[R_1]`,
    plain: 'E[R₁] of offline IPO > E[R₁] of offline best-of-10 after 100 updates',
  },
  setup: `${banditWords} Reward with its peak at bin 70; samples from the reference.`,
  measured: 'expected reward of IPO less that of best-of-10 after 100 updates',
  requirement: { sense: 'at least', threshold: 0, of: 'mean', reason: 'the sign is the claim' },
  seeds: 5,
  expected: 'does not hold',
  instead:
    'It hangs on two settings. Nine of ten pairs here compare rewards less than 0.2 apart, mostly both near 0. Without them IPO is ahead (see the next claim), and at the best of four learning rates for each it is ahead as well (the one after).',
  async measure(engine, options) {
    const [best, ipo] = await tableRuns(engine, options, [
      { method: 'best-of-n', source: 'offline' },
      { method: 'ipo', source: 'offline' },
    ]);
    return lead(ipo, best);
  },
};

const { instead: _, ...sameRace } = early;

const earlyThreshold: Claim = {
  ...sameRace,
  id: 'negative-gradient-threshold',
  where: 'negative gradient, with the authors’ threshold',
  title: 'A negative gradient is faster offline at the far peak, without nearly equal rewards',
  statement: `At the far peak, on the pairs whose rewards differ by ${authorsThreshold} or more, as in the authors’ script, IPO is ahead of best-of-10 after 100 updates at the same learning rate.`,
  setup: `${early.setup} IPO leaves out pairs whose rewards differ by less than ${authorsThreshold}.`,
  expected: 'holds',
  async measure(engine, options) {
    const [best, ipo] = await tableRuns(engine, options, [
      { method: 'best-of-n', source: 'offline' },
      { method: 'ipo', source: 'offline', threshold: authorsThreshold, peaks: ['R1'] },
    ]);
    return lead(ipo, best);
  },
};

const rates = [0.05, 0.1, 0.2, 0.5] as const;

const earlyRate: Claim = {
  ...sameRace,
  id: 'negative-gradient-rate',
  where: 'negative gradient, each at its best learning rate',
  title: 'A negative gradient is faster offline at the far peak, each at its best rate',
  statement: `At the far peak, on all pairs, IPO is ahead of best-of-10 after 100 updates, if each has the best for it of the learning rates ${rates.join(', ')}.`,
  setup: early.setup.replace('Adam at 0.05', `Adam at ${rates.join(', ')}`),
  measured: `${early.measured}, each at the rate with its largest mean`,
  seeds: 20, // apart by more than the others: whether a seed's groups hold a sample of the peak decides
  expected: 'holds',
  async measure(engine, options) {
    const runs = await tableRuns(
      engine,
      options,
      (['ipo', 'best-of-n'] as const).flatMap((method) =>
        rates.map((learningRate): TableRun => ({ method, source: 'offline', learningRate, peaks: ['R1'], updates: 100 })),
      ),
    );
    const bestOf = (own: readonly Rewards[]): Rewards =>
      own.reduce((top, run) => (mean(run('R1', 100)) > mean(top('R1', 100)) ? run : top));
    return lead(bestOf(runs.slice(0, rates.length)), bestOf(runs.slice(rates.length)));
  },
};

const fixedData: Claim = {
  id: 'fixed-data',
  paper: '2404.14367',
  where: 'offline data, drawn once or afresh',
  title: 'A fixed data set is another experiment',
  statement:
    'Offline IPO on all pairs reaches more reward after 300 updates on one fixed data set, as in the authors’ script, than on fresh samples each round.',
  exact: {
    tex: String.raw`E_{\pi^{\text{fixed}}_{300}}[R_1]>E_{\pi^{\text{fresh}}_{300}}[R_1]`,
    plain: 'E[R₁] of offline IPO after 300 updates: fixed data > fresh data',
  },
  setup: `${banditWords} Reward with its peak at bin 70; IPO (target 10) on all 45 pairs of a group of the reference’s samples. Fixed: the 10 groups of the first round are kept.`,
  measured: 'expected reward on the fixed data set less that on fresh samples',
  requirement: { sense: 'at least', threshold: 0, of: 'mean', reason: 'the sign is the claim' },
  seeds: 10,
  expected: 'holds',
  async measure(engine, options) {
    const [fixed, fresh] = await tableRuns(engine, options, [
      { method: 'ipo', source: 'fixed', peaks: ['R1'] },
      { method: 'ipo', source: 'offline', peaks: ['R1'] },
    ]);
    return differenceOf({ label: 'mean E[R₁], fixed', values: fixed('R1', 300) }, { label: 'fresh', values: fresh('R1', 300) });
  },
};

const baseline: Claim = {
  id: 'reinforce-baseline',
  paper: '2404.14367',
  where: 'the negative gradient in REINFORCE',
  title: 'The baseline of REINFORCE is a negative gradient',
  statement:
    'With the minimum of a group as the baseline, so that no sample has a negative weight, REINFORCE loses more at the far peak than at the near one.',
  exact: {
    tex: String.raw`\big(E_{\pi^{\bar r}_{50}}-E_{\pi^{\min r}_{50}}\big)[R_1]>\big(E_{\pi^{\bar r}_{50}}-E_{\pi^{\min r}_{50}}\big)[R_2]`,
    plain: '(E of r - mean less E of r - min)[R₁] > the same [R₂], after 50 updates',
  },
  setup: `${banditWords} REINFORCE with the mean, and with the minimum, of each group taken off.`,
  measured: 'reward lost at the far peak less reward lost at the near one',
  requirement: { sense: 'at least', threshold: 0, of: 'mean', reason: 'the sign is the claim; the paper gives no number' },
  seeds: 20,
  expected: 'does not hold',
  instead:
    'It is the other way round. At the far peak rewards less the minimum are clearly ahead after 50 updates, by about 0.05; at the near peak both are within 0.01 of each other.',
  async measure(engine, options) {
    const [centred, lowest] = await tableRuns(engine, options, [
      { method: 'reinforce', source: 'online', updates: 50 },
      { method: 'reinforce-minimum', source: 'online', updates: 50 },
    ]);
    const lost = (peak: Peak): number[] => minus(centred(peak, 50), lowest(peak, 50));
    return differenceOf({ label: 'mean loss at the far peak', values: lost('R1') }, { label: 'at the near peak', values: lost('R2') });
  },
};

const ceiling: Claim = {
  id: 'best-of-n-ceiling',
  paper: '2404.14367',
  where: 'offline best-of-N',
  title: 'Offline best-of-10 has a ceiling',
  statement:
    'Trained to the end it earns the mean of its groups’ best rewards; with ever more groups that is the expected reward of the best of ten samples of the reference.',
  exact: {
    tex: String.raw`\lim_{\text{groups}\to\infty}\,\lim_{t\to\infty}E_{\pi_t}[r]=E_{y_1,\dots,y_{10}\sim\pi_{\text{ref}}}\big[\max_i r(y_i)\big]`,
    plain: 'E[r] at the end, with ever more groups = expected maximum of ten rewards under the reference',
  },
  setup: 'The same bandit, 100 groups of 10 samples of the reference, drawn once; 300 updates of Adam at 0.05; both peaks.',
  measured: 'larger distance from the ceiling of the two peaks, 0.3135 (R₁) and 0.9401 (R₂)',
  requirement: {
    sense: 'at most',
    threshold: 0.13,
    of: { quantile: 0.5 },
    reason: `three standard errors of the mean of 100 best rewards, whose deviation is at most 0.43; ${slowly}`,
  },
  seeds: 10,
  expected: 'holds',
  async measure(engine, options) {
    const { seeds, seed = 1 } = options;
    const reference = banditReference();
    const rows = peakNames.flatMap((name) => Array.from({ length: seeds }, () => banditReward(peaks[name])));
    const { rounds: states } = await engine.trainOnPolicy(
      {
        policy: { kind: 'tabular', logits: rows.map(() => reference) },
        rewards: rows,
        method: tableMethods['best-of-n'],
        sampling: { groups: 100, n, rounds: 1, updates: 300, source: 'start' },
        optimizer: adam(0.05, rows.length),
        seed,
      },
      options,
    );
    const reached = rewardsOf(at(states, 1).outcomeLogps, rows);
    const limits = peakNames.map((name) => {
      const rewards = banditReward(peaks[name]);
      return bestOfN(reference, rewards, n).reduce((sum, p, y) => sum + p * at(rewards, y), 0);
    });
    return measurementOf(
      Array.from({ length: seeds }, (_, i) =>
        Math.max(Math.abs(at(reached, i) - at(limits, 0)), Math.abs(at(reached, seeds + i) - at(limits, 1))),
      ),
      [
        { label: 'mean E[R₁]', value: mean(reached.slice(0, seeds)) },
        { label: 'mean E[R₂]', value: mean(reached.slice(seeds)) },
      ],
    );
  },
};

const winnerSteps = 200;

/** Mean, over a seed's groups, of log π / π_ref of the group's best response, after IPO on groups that share one policy. */
async function winners(engine: ClaimEngine, options: ClaimOptions, count: number, run: RunOptions): Promise<number[]> {
  const rewards = banditReward(70);
  const masses = banditReference().map(Math.exp);
  const seeds = seedsOf(options);
  const samples = seeds.flatMap((seed, prompt) => {
    const random = toyRandom(seed);
    return Array.from({ length: count }, () => {
      const responses = Array.from({ length: n }, () => random.categorical(masses));
      return { prompt, responses, rewards: responses.map((y) => at(rewards, y)) };
    });
  });
  const { steps } = await engine.train(
    {
      policy: { kind: 'tabular', logits: seeds.map(() => banditReference()) },
      pairs: [],
      groups: samples,
      objective: ipo,
      optimizer: { ...adam(0.1, seeds.length), steps: winnerSteps },
      record: [0, winnerSteps],
    },
    run,
  );
  const gained = at(steps, 1).chosenLogps.map((logp, group) => logp - at(at(steps, 0).chosenLogps, group));
  return seeds.map((_, seed) => mean(gained.slice(seed * count, (seed + 1) * count)));
}

const morePrompts: Claim = {
  id: 'more-data-lower',
  paper: '2404.14367',
  where: 'the bandit’s implicit rewards',
  title: 'More data, less for each winner',
  statement:
    'Where ten groups of samples share one policy, IPO raises the mean log-probability of the groups’ best less than where one group has it alone.',
  exact: {
    tex: String.raw`\overline{\log\tfrac{\pi(y_w)}{\pi_{\text{ref}}(y_w)}}\Big|_{P=1}-\overline{\log\tfrac{\pi(y_w)}{\pi_{\text{ref}}(y_w)}}\Big|_{P=10}\ge1`,
    plain: 'mean log π(y_w) / π_ref(y_w) with 1 group less that with 10 groups, at least 1',
  },
  setup:
    'The same bandit, reward with its peak at bin 70; P groups of ten samples of the reference share one row of free logits; IPO with target 10, 200 updates of Adam at 0.1.',
  measured: 'mean log-ratio of the winners with one group less that with 10',
  unit: 'nats',
  requirement: {
    sense: 'at least',
    threshold: 1,
    of: 'mean',
    reason: `the page’s own choice: a factor of e in the winners’ probability; ${slowly}`,
  },
  seeds: 5,
  expected: 'holds',
  async measure(engine, options) {
    const few = await winners(engine, options, 1, partOf(options, 0, 2));
    const many = await winners(engine, options, 10, partOf(options, 1, 2));
    return differenceOf({ label: 'mean log-ratio, 1 group', values: few }, { label: '10 groups', values: many });
  },
};

const winnersFall: Claim = {
  id: 'winners-fall',
  paper: '2404.14367',
  where: 'the bandit’s implicit rewards',
  title: 'With more data winners fall',
  statement: 'With 10 groups of samples the mean log-probability of the winners ends below where it began.',
  exact: {
    tex: String.raw`\overline{\log\tfrac{\pi(y_w)}{\pi_{\text{ref}}(y_w)}}\Big|_{P=10}\le0`,
    plain: 'mean log π(y_w) / π_ref(y_w) with 10 groups, at most 0',
  },
  setup: morePrompts.setup,
  measured: 'mean log-ratio of the winners with 10 groups',
  unit: 'nats',
  requirement: { sense: 'at most', threshold: 0, of: 'mean', reason: 'the sign is the claim' },
  seeds: 5,
  expected: 'does not hold',
  instead:
    'The mean falls with more data (see the claim before), and stays above 0 because each winner is the best of ten. With unlimited data and this target winners of groups of two, three or four fall on average, though free logits share nothing: see “Winners of small groups fall”.',
  async measure(engine, options) {
    return measurementOf(await winners(engine, options, 10, options));
  },
};

export const onPolicyClaims: readonly Claim[] = [
  farGap,
  farGapThreshold,
  nearGap,
  coverage,
  ceiling,
  early,
  earlyThreshold,
  earlyRate,
  fixedData,
  baseline,
  morePrompts,
  winnersFall,
];
