import { closedFormOptimum, expectedReward, klDivergence } from '../../core/exact.ts';
import type { RunOptions } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import type { TargetExperiment } from '../../core/on-policy.ts';
import { logSoftmax } from '../../core/softmax.ts';
import {
  type Claim,
  type ClaimEngine,
  type ClaimOptions,
  differenceOf,
  type Measurement,
  measurementOf,
  partOf,
  seedsOf,
} from '../claim.ts';
import { at, float32Roundoff, toyRandom, uniformOf, type Vector, vectorOf, worst } from '../claim-tools.ts';
import { banditBins, banditReference, banditReward } from '../toys/bandit.ts';
import { type FirstStep, firstStep } from '../toys/first-step.ts';

type Direction = TargetExperiment['direction'];

/** Gradient descent of free logits on both divergences; many starts and targets are the prompts of one run. Log-probs by step and row. */
async function descend(
  engine: ClaimEngine,
  starts: readonly Vector[],
  targets: readonly Vector[],
  { learningRate, record }: { learningRate: number; record: number[] },
  options: RunOptions,
): Promise<Record<Direction, number[][][]>> {
  const run = async (direction: Direction, index: number): Promise<number[][][]> => {
    const { steps } = await engine.matchTarget(
      {
        policy: { kind: 'tabular', logits: starts.map((row) => [...row]) },
        targetLogps: targets.map((row) => [...row]),
        direction,
        optimizer: { kind: 'sgd', learningRate, steps: Math.max(...record) },
        record,
      },
      partOf(options, index, 2),
    );
    const columns = at(starts, 0).length;
    return steps.map(({ outcomeLogps }) => starts.map((_, row) => outcomeLogps.slice(row * columns, (row + 1) * columns)));
  };
  return { forward: await run('forward', 0), reverse: await run('reverse', 1) };
}

/** Draws for each seed, so many that a share says something. */
const drawsEach = 64;

interface Draw {
  readonly p: Vector;
  readonly q: Vector;
}

/** What one step does to log π(0) - log π(1) in both directions, and the exact first step, for every draw of every seed. */
async function firstSteps(engine: ClaimEngine, options: ClaimOptions, draw: (random: ReturnType<typeof toyRandom>) => Draw) {
  const seeds = seedsOf(options);
  const draws = seeds.map((seed) => {
    const random = toyRandom(seed);
    return Array.from({ length: drawsEach }, () => draw(random));
  });
  const flat = draws.flat();
  const learningRate = 0.5;
  const logps = await descend(
    engine,
    flat.map(({ p }) => p),
    flat.map(({ q }) => q),
    { learningRate, record: [0, 1] },
    options,
  );
  const change = (direction: Direction, row: number): number => {
    const ratio = (step: number): number => {
      const own = at(at(logps[direction], step), row);
      return at(own, 0) - at(own, 1);
    };
    return (ratio(1) - ratio(0)) / learningRate;
  };
  return draws.map((own, index) =>
    own.map(({ p, q }, place) => {
      const row = index * drawsEach + place;
      return { forward: change('forward', row), reverse: change('reverse', row), exact: firstStep(p, q, 0, 1) };
    }),
  );
}

const outcomes = 5;
const randomLaw = (random: ReturnType<typeof toyRandom>): number[] => logSoftmax(vectorOf(random, outcomes, 1.2));
/** The same with the first two outcomes equally likely. */
const equalPair = (random: ReturnType<typeof toyRandom>): number[] => {
  const logits = vectorOf(random, outcomes, 1.2);
  return logSoftmax([at(logits, 0), at(logits, 0), ...logits.slice(2)]);
};
/** Outcomes 0 and 1 in the order that the theorem names them: the likelier first. */
const likelierFirst = (law: Vector): number[] => (at(law, 0) >= at(law, 1) ? [...law] : [at(law, 1), at(law, 0), ...law.slice(2)]);

/** What float32 can hide of a log-ratio's change: two log-probs below 16, each rounded a few times, over the step of 0.5. */
const hidden = 64 * float32Roundoff;

/** Share, for each seed, of the draws that satisfy `when` in which `what` is found; draws too close to call are left out. */
function shares(
  found: Awaited<ReturnType<typeof firstSteps>>,
  when: (exact: FirstStep) => boolean,
  what: (gap: number, exact: FirstStep) => boolean,
): Measurement {
  let counted = 0;
  const values = found.map((draws) => {
    const decided = draws.filter(({ exact }) => when(exact) && Math.abs(exact.reverse - exact.forward) > hidden);
    counted += decided.length;
    return decided.filter(({ forward, reverse, exact }) => what(reverse - forward, exact)).length / decided.length;
  });
  return measurementOf(values, [{ label: 'cases', value: counted }]);
}

const every = {
  sense: 'at least',
  threshold: 1,
  of: 'each',
  reason: 'the condition decides every case that is not too close to call',
} as const;
const drawn = `${drawsEach} starts p and targets q over five outcomes a seed, logits from N(0, 1.2²), one step of 0.5 on either divergence`;
const deltaTex = String.raw`\Delta=\log\tfrac{\pi_1(a)}{\pi_0(a)}-\log\tfrac{\pi_1(b)}{\pi_0(b)}`;

const formulas: Claim = {
  id: 'first-step-exact',
  paper: '2404.14367',
  where: 'about Theorem 6.5, exact for free logits',
  title: 'The first step, exactly',
  statement:
    'One step on forward KL moves a log-ratio by differences of probabilities; one on reverse KL by log(q/p) + KL(p ‖ q), each weighed by what the policy has already.',
  exact: {
    tex: String.raw`\Delta^{f}=\eta\,[(q_a-p_a)-(q_b-p_b)],\qquad\Delta^{r}=\eta\,\big[p_a(\log\tfrac{q_a}{p_a}+K)-p_b(\log\tfrac{q_b}{p_b}+K)\big],\quad K=\mathrm{KL}(p\,\|\,q)`,
    plain: 'Δᶠ = η [(q_a - p_a) - (q_b - p_b)], Δʳ = η [p_a (log(q_a / p_a) + K) - p_b (log(q_b / p_b) + K)], K = KL(p ‖ q)',
  },
  setup: `${drawn}.`,
  measured: 'largest difference between formula and engine over the draws',
  scale: 'log',
  requirement: {
    sense: 'at most',
    threshold: { cpu: 1e-13, webgpu: hidden },
    of: 'each',
    reason: 'rounding of log-probabilities below 16, divided by the step',
  },
  seeds: 20,
  expected: 'holds',
  async measure(engine, options) {
    const found = await firstSteps(engine, options, (random) => ({ p: randomLaw(random), q: randomLaw(random) }));
    return measurementOf(
      found.map((draws) => worst(draws.flatMap(({ forward, reverse, exact }) => [forward - exact.forward, reverse - exact.reverse]))),
    );
  },
};

const condition1: Claim = {
  id: 'equal-start',
  paper: '2404.14367',
  where: 'about Theorem 6.5, equal start',
  title: 'Equal start: when reverse KL is faster',
  statement:
    'Of two outcomes that are equally likely now, reverse KL favours the better one sooner exactly where their present probability is above a mean of both targets.',
  exact: {
    tex: String.raw`p_a=p_b=p:\quad\Delta^{r}>\Delta^{f}\iff p>\frac{q_a-q_b}{\ln q_a-\ln q_b};\qquad ${deltaTex}`,
    plain: 'p_a = p_b = p: Δʳ > Δᶠ ⇔ p > (q_a - q_b) / (ln q_a - ln q_b), the logarithmic mean',
  },
  setup: `${drawn}; the first two outcomes are equally likely in p, and a is the likelier in q.`,
  measured: 'share of the draws in which the condition and the engine agree',
  requirement: every,
  seeds: 20,
  expected: 'holds',
  async measure(engine, options) {
    const found = await firstSteps(engine, options, (random) => ({ p: equalPair(random), q: likelierFirst(randomLaw(random)) }));
    return shares(
      found,
      () => true,
      (gap, { p, logarithmicMean }) => gap > 0 === p[0] > logarithmicMean,
    );
  },
};

const generic: Claim = {
  id: 'equal-start-always',
  paper: '2404.14367',
  where: 'about Theorem 6.5, equal start, for any probabilities',
  title: 'Equal start: reverse KL is always faster',
  statement: 'Of two outcomes that are equally likely now, reverse KL favours the better one sooner, whatever their probability.',
  exact: { tex: String.raw`p_a=p_b,\ q_a>q_b\ \Rightarrow\ \Delta^{r}>\Delta^{f}`, plain: 'p_a = p_b and q_a > q_b ⇒ Δʳ > Δᶠ' },
  setup: `${drawn}; the first two outcomes are equally likely in p, and a is the likelier in q.`,
  measured: 'share of the draws in which reverse KL is faster',
  requirement: every,
  seeds: 20,
  expected: 'does not hold',
  instead:
    'The theorem has constants, and they matter: with p = 0.1 and q = (0.6, 0.2) forward KL moves 3.6 times as far. Reverse KL weighs its push by the present probability.',
  async measure(engine, options) {
    const found = await firstSteps(engine, options, (random) => ({ p: equalPair(random), q: likelierFirst(randomLaw(random)) }));
    return shares(
      found,
      () => true,
      (gap) => gap > 0,
    );
  },
};

const condition2: Claim = {
  id: 'rich-get-richer',
  paper: '2404.14367',
  where: 'about Theorem 6.5, equal target',
  title: 'The rich get richer',
  statement:
    'Of two outcomes that are equally good, and better than they are likely, reverse KL favours the one that is ahead more than forward KL does.',
  exact: {
    tex: String.raw`q_a=q_b=q,\ p_a>p_b,\ q>p_a e^{-K}\ \Rightarrow\ \Delta^{r}>\Delta^{f}`,
    plain: 'q_a = q_b = q, p_a > p_b and q > p_a exp(-K) ⇒ Δʳ > Δᶠ',
  },
  setup: `${drawn}; the first two outcomes are equally likely in q, and a is ahead in p. Draws outside the condition are left out.`,
  measured: 'share of the draws in which reverse KL favours the outcome that is ahead more',
  requirement: every,
  seeds: 20,
  expected: 'holds',
  async measure(engine, options) {
    const found = await firstSteps(engine, options, (random) => ({ p: likelierFirst(randomLaw(random)), q: equalPair(random) }));
    return shares(
      found,
      ({ p, q, divergence }) => q[0] > p[0] * Math.exp(-divergence),
      (gap) => gap > 0,
    );
  },
};

const condition3: Claim = {
  id: 'both-too-likely',
  paper: '2404.14367',
  where: 'about Theorem 6.5, equal target',
  title: 'Too likely: the lead is cut faster',
  statement:
    'Of two outcomes that are equally good, and both much more likely than that, reverse KL cuts the lead faster than forward KL does.',
  exact: {
    tex: String.raw`q_a=q_b=q,\ p_a>p_b,\ q<p_b e^{-K}\ \Rightarrow\ \Delta^{r}<\Delta^{f}`,
    plain: 'q_a = q_b = q, p_a > p_b and q < p_b exp(-K) ⇒ Δʳ < Δᶠ',
  },
  setup: `${drawn}; a is ahead in p; both outcomes are equally likely in q, up to e³ times less than b in p. Draws outside the condition are left out.`,
  measured: 'share of the draws in which reverse KL favours the outcome that is ahead less',
  requirement: every,
  seeds: 20,
  expected: 'holds',
  async measure(engine, options) {
    const found = await firstSteps(engine, options, (random) => {
      const p = likelierFirst(randomLaw(random));
      const low = at(p, 1) - uniformOf(random, 0.5, 3);
      return { p, q: logSoftmax([low, low, ...p.slice(2)]) };
    });
    return shares(
      found,
      ({ p, q, divergence }) => q[0] < p[1] * Math.exp(-divergence),
      (gap) => gap < 0,
    );
  },
};

/** The bandit's reference as the paper's code has it: 10,000 draws of a seed in a histogram; one more in each bin, so that none is empty. */
export function histogram(seed: number): number[] {
  const random = toyRandom(seed);
  const masses = banditReference().map(Math.exp);
  const counts = new Array<number>(banditBins).fill(1);
  for (let i = 0; i < 10_000; i++) {
    const bin = random.categorical(masses);
    counts[bin] = at(counts, bin) + 1;
  }
  return logSoftmax(counts.map(Math.log));
}

/** Expected rewards [step][seed] of both descents to π_ref e^{r / 0.1}. */
async function race(engine: ClaimEngine, options: ClaimOptions, centre: number, record: number[]) {
  const rewards = banditReward(centre);
  const references = seedsOf(options).map(histogram);
  const targets = references.map((row) => [...closedFormOptimum(row, rewards, 0.1)]);
  const logps = await descend(engine, references, targets, { learningRate: 1, record }, options);
  const reached = (direction: Direction) => logps[direction].map((rows) => rows.map((row) => expectedReward(row, rewards)));
  return { forward: reached('forward'), reverse: reached('reverse') };
}

const raceSetup = (where: string): string =>
  `The paper’s bandit of 100 bins, its reference drawn anew as a histogram of 10,000 samples, and one more in each bin, for each seed; reward with its peak at bin ${where}; exact gradient descent on the logits towards q ∝ π_ref exp(r / 0.1), step size 1.`;

const raceClaim = (
  texts: Pick<Claim, 'id' | 'title' | 'statement' | 'expected' | 'instead' | 'where'>,
  { centre, step, where, share = 0.95 }: { centre: number; step: number; where: string; share?: number },
): Claim => ({
  ...texts,
  paper: '2404.14367',
  exact: {
    tex: String.raw`E_{\pi_{${step}}^{\text{reverse}}}[r]>E_{\pi_{${step}}^{\text{forward}}}[r]`,
    plain: `E[r] of reverse KL > E[r] of forward KL after ${step} ${step === 1 ? 'step' : 'steps'}`,
  },
  setup: raceSetup(where),
  measured: `expected reward of reverse KL less that of forward KL after ${step} ${step === 1 ? 'step' : 'steps'}`,
  requirement: { sense: 'at least', threshold: 1e-4, of: share, reason: 'above 0 by more than float32 rounds an expected reward' },
  seeds: 60,
  async measure(engine, options) {
    const { forward, reverse } = await race(engine, options, centre, [0, step]);
    return differenceOf({ label: 'mean E[r], reverse', values: at(reverse, 1) }, { label: 'forward', values: at(forward, 1) });
  },
});

const nearPeak = raceClaim(
  {
    id: 'reverse-near',
    where: 'mode-seeking',
    title: 'Near peak: reverse KL is ahead at once',
    statement:
      'With the reward’s peak at bin 20, near one of the reference’s own, reverse KL earns more than forward KL in the very first step.',
    expected: 'holds',
  },
  { centre: 20, step: 1, where: '20, near one of the reference’s own' },
);

const farPeak = raceClaim(
  {
    id: 'reverse-far',
    where: 'mode-seeking',
    title: 'Far peak: reverse KL is ahead at once',
    statement: 'With the peak at bin 70, far from the reference’s mass, reverse KL earns more than forward KL after 20 steps as well.',
    expected: 'does not hold',
    instead:
      'A bin with much target and little policy is pushed by its present probability: exact reverse KL starts slower here. It overtakes later (see the next claim).',
  },
  { centre: 70, step: 20, where: '70, where the reference has little mass' },
);

const overtakes = raceClaim(
  {
    id: 'reverse-overtakes',
    where: 'mode-seeking',
    title: 'Far peak: reverse KL overtakes',
    statement: 'At the far peak reverse KL has overtaken forward KL after 100 steps, for nine histograms in ten: a few take longer.',
    expected: 'holds',
  },
  { centre: 70, step: 100, where: '70, where the reference has little mass', share: 0.9 },
);

const dominant: Claim = {
  id: 'dominant-bin',
  paper: '2404.14367',
  where: 'mode-seeking',
  title: 'Reverse KL empties a leading bin first, if it does not lead by too much',
  statement:
    'From a policy with about 70 % on one bad answer, reverse KL takes it away in fewer steps than forward KL; from one with 98 % forward KL halves it sooner.',
  exact: { tex: String.raw`\pi_{10}^{\text{reverse}}(0)<\pi_{10}^{\text{forward}}(0)`, plain: 'π(0) after 10 steps: reverse < forward' },
  setup:
    'Ten answers; logit 3 for the first, N(0, 0.1²) added everywhere; the target has 0.45 and 0.46 at two others and 0.01 elsewhere; 10 steps of 0.5.',
  measured: 'probability left on the first answer: forward less reverse',
  requirement: { sense: 'at least', threshold: 0.02, of: 0.95, reason: 'the page’s own choice: two percentage points' },
  seeds: 60,
  expected: 'holds',
  async measure(engine, options) {
    const size = 10;
    const target = logSoftmax(Array.from({ length: size }, (_, z) => Math.log(z === 3 ? 0.45 : z === 7 ? 0.46 : 0.01)));
    const starts = seedsOf(options).map((seed) => vectorOf(toyRandom(seed), size, 0.1).map((x, z) => x + (z === 0 ? 3 : 0)));
    const { forward, reverse } = await descend(
      engine,
      starts,
      starts.map(() => target),
      { learningRate: 0.5, record: [0, 10] },
      options,
    );
    const left = (logps: number[][][]): number[] => at(logps, 1).map((row) => Math.exp(at(row, 0)));
    const [a, b] = [left(forward), left(reverse)];
    return measurementOf(
      a.map((value, seed) => value - at(b, seed)),
      [
        { label: 'mean π(0), forward', value: mean(a) },
        { label: 'reverse', value: mean(b) },
      ],
    );
  },
};

const regularised: Claim = {
  id: 'reward-is-reverse-kl',
  paper: '2404.14367',
  where: 'Lemma 6.1',
  title: 'Regularised reward is a reverse KL',
  statement:
    'Reward less a KL penalty is a constant less β times the reverse KL to one target, all along the way: maximising one minimises the other.',
  exact: {
    tex: String.raw`E_\pi[r]-\beta\,\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}})+\beta\,\mathrm{KL}(\pi\,\|\,\pi^{*})=\beta\log Z,\quad\pi^{*}\propto\pi_{\text{ref}}e^{r/\beta}`,
    plain: 'E[r] - β KL(π ‖ π_ref) + β KL(π ‖ π*) = β log Z, π* ∝ π_ref exp(r / β)',
  },
  setup: `${raceSetup('70')} The identity is checked at steps 0, 1, 5, 20 and 60 of the descent, with the engine’s own divergence.`,
  measured: 'largest departure from the constant over the steps',
  scale: 'log',
  requirement: {
    sense: 'at most',
    // means over 100 bins of log-probs below 32, and the engine's own divergence
    threshold: { cpu: 1e-12, webgpu: 128 * 32 * float32Roundoff },
    of: 'each',
    reason: 'rounding of sums over 100 bins of log-probabilities below 32',
  },
  seeds: 8,
  expected: 'holds',
  async measure(engine, options) {
    const beta = 0.1;
    const rewards = banditReward(70);
    const references = seedsOf(options).map(histogram);
    const targets = references.map((row) => [...closedFormOptimum(row, rewards, beta)]);
    const { steps } = await engine.matchTarget(
      {
        policy: { kind: 'tabular', logits: references },
        targetLogps: targets,
        direction: 'reverse',
        optimizer: { kind: 'sgd', learningRate: 1, steps: 60 },
        record: [0, 1, 5, 20, 60],
      },
      options,
    );
    return measurementOf(
      references.map((reference, row) => {
        const logZ = at(reference, 0) + at(rewards, 0) / beta - at(at(targets, row), 0);
        return worst(
          steps.map(({ outcomeLogps, divergences }) => {
            const own = outcomeLogps.slice(row * banditBins, (row + 1) * banditBins);
            return expectedReward(own, rewards) - beta * klDivergence(own, reference) + beta * at(divergences, row) - beta * logZ;
          }),
        );
      }),
    );
  },
};

export const klClaims: readonly Claim[] = [
  regularised,
  formulas,
  condition1,
  generic,
  condition2,
  condition3,
  nearPeak,
  farPeak,
  overtakes,
  dominant,
];
