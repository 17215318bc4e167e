import type { Experiment, ObjectiveChoice, PairDiagnosis } from '../../core/experiment.ts';
import { type Claim, type ClaimEngine, seedBySeed } from '../claim.ts';
import { at, float32Roundoff, toyRandom, uniformOf, worst } from '../claim-tools.ts';
import { defaultSuffix, entanglingLength, type SuffixSettings, sharedSuffix } from '../toys/shared-suffix.ts';

const beta = 0.3;
/** -ℓ' of DPO where the policy is still its reference. */
const force = beta / 2;

const suffix = (suffixLength: number, afterChosen: number, afterRejected: number, first = 0.4): SuffixSettings => ({
  ...defaultSuffix,
  suffix: suffixLength,
  afterChosen,
  afterRejected,
  first,
  objective: { name: 'dpo', params: { beta } },
  steps: 1,
});

/** Probabilities after both first tokens, far enough apart that the length at which the answers entangle is below 20. */
function randomSuffix(seed: number): { afterChosen: number; afterRejected: number; length: number } {
  const random = toyRandom(seed);
  for (;;) {
    const [afterChosen, afterRejected] = [uniformOf(random, 0.1, 0.9), uniformOf(random, 0.1, 0.9)];
    const length = entanglingLength(suffix(1, afterChosen, afterRejected));
    if (length !== null && length < 20 && Math.abs(afterChosen - afterRejected) > 0.1) return { afterChosen, afterRejected, length };
  }
}

/** The same where the preferred answer falls: p > p', with a suffix a half longer than it takes. */
function fallingSuffix(seed: number): SuffixSettings {
  const { afterChosen, afterRejected } = randomSuffix(seed);
  const [p, q] = [Math.max(afterChosen, afterRejected), Math.min(afterChosen, afterRejected)];
  const settings = suffix(1, p, q);
  return { ...settings, suffix: Math.ceil(1.5 * (entanglingLength(settings) ?? Number.NaN)) };
}

/** Geometry of the toy's one pair, and its rates under another objective. */
async function diagnose(
  engine: ClaimEngine,
  settings: SuffixSettings,
  objective: ObjectiveChoice = settings.objective,
): Promise<PairDiagnosis> {
  return at(await engine.diagnose({ ...sharedSuffix(settings), objective }), 0);
}

const suffixRates: Claim = {
  id: 'suffix-rates',
  paper: '2410.13828',
  where: 'short and long suffix',
  title: 'A shared suffix, in closed form',
  statement:
    'Where two answers differ in one word and go on alike, in this toy a formula of the suffix’s length says how fast both log-probabilities move.',
  exact: {
    tex: String.raw`\tfrac{\Delta\ln\pi_w}{C}=1-2m(1-p)(p-p'),\qquad\tfrac{\Delta\ln\pi_l}{C}=-1-2m(1-p')(p-p')`,
    plain: 'Δ ln π_w / C = 1 - 2m (1 - p)(p - p′), Δ ln π_l / C = -1 - 2m (1 - p′)(p - p′)',
  },
  setup:
    'The page’s suffix toy with p and p′, the probabilities of each shared word after either first word, drawn from 0.1 to 0.9, far enough apart to entangle below m = 20, at lengths m = 0, 3, 8 and 20.',
  measured: 'largest difference between formula and engine, as a share of the largest rate',
  scale: 'log',
  requirement: {
    sense: 'at most',
    threshold: { cpu: 1e-12, webgpu: 1024 * float32Roundoff },
    of: 'each',
    reason: 'rounding alone: sums over 21 positions of products below 1, in float32 on WebGPU and in float64 on the CPU',
  },
  seeds: 12,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const { afterChosen: p, afterRejected: q } = randomSuffix(seed);
    const measured: number[] = [];
    const exact: number[] = [];
    for (const m of [0, 3, 8, 20]) {
      const { chosenRate, rejectedRate } = await diagnose(engine, suffix(m, p, q));
      measured.push(chosenRate / force, rejectedRate / force);
      exact.push(1 - 2 * m * (1 - p) * (p - q), -1 - 2 * m * (1 - q) * (p - q));
    }
    return worst(measured.map((x, i) => x - at(exact, i))) / worst(exact);
  }),
};

const suffixCases: Claim = {
  id: 'suffix-cases',
  paper: '2410.13828',
  where: 'short and long suffix',
  title: 'Long enough, a suffix entangles',
  statement: 'In a small step the answers part as they should up to a certain length; beyond it both fall (p > p′) or both rise (p < p′).',
  exact: {
    tex: String.raw`\text{both}\downarrow\iff p>p',\ m>\tfrac{1}{2(1-p)(p-p')};\qquad\text{both}\uparrow\iff p<p',\ m>\tfrac{1}{2(1-p')(p'-p)}`,
    plain: 'both fall ⇔ p > p′ and m > 1 / (2 (1 - p)(p - p′)); both rise ⇔ p < p′ and m > 1 / (2 (1 - p′)(p′ - p))',
  },
  setup:
    'The suffix toy with p and p′ drawn from 0.1 to 0.9, far enough apart to entangle below m = 20, just below and just above the length that the formula gives, and at 20.',
  measured: 'share of the lengths at which the engine finds the predicted case',
  requirement: { sense: 'at least', threshold: 1, of: 'each', reason: 'a case is right or wrong' },
  seeds: 12,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const { afterChosen: p, afterRejected: q, length } = randomSuffix(seed);
    const lengths = [Math.floor(length), Math.floor(length) + 1, 20];
    let right = 0;
    for (const m of lengths) {
      const { pattern } = await diagnose(engine, suffix(m, p, q));
      if (pattern === (m < length ? 'chosen-up-rejected-down' : p > q ? 'both-down' : 'both-up')) right++;
    }
    return right / lengths.length;
  }),
};

const cosine: Claim = {
  id: 'suffix-cosine',
  paper: '2410.13828',
  where: 'short and long suffix',
  title: 'Longer suffix, more alike gradients',
  statement: 'The cosine of the two gradients starts below 0 for a single word and grows with every length of the suffix.',
  exact: {
    tex: String.raw`m_1<m_2\ \Rightarrow\ \cos(g_w,g_l)\big|_{m_1}<\cos(g_w,g_l)\big|_{m_2},\quad m\in\{0,\,2,\,5,\,9,\,20\}`,
    plain: 'cos(g_w, g_l) grows over m = 0, 2, 5, 9, 20',
  },
  setup: 'The suffix toy with p and p′ drawn from 0.1 to 0.9, far enough apart to entangle below m = 20.',
  measured: 'smallest increase of the cosine from one length to the next',
  requirement: { sense: 'at least', threshold: 1e-4, of: 'each', reason: 'above 0 by more than float32 rounds a cosine' },
  seeds: 10,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const { afterChosen: p, afterRejected: q } = randomSuffix(seed);
    const cosines: number[] = [];
    for (const m of [0, 2, 5, 9, 20]) cosines.push((await diagnose(engine, suffix(m, p, q))).cosine);
    return Math.min(...cosines.slice(1).map((value, i) => value - at(cosines, i)));
  }),
};

const norms: Claim = {
  id: 'larger-norm',
  paper: '2410.13828',
  where: 'Table 1',
  title: 'The larger gradient drags the other along',
  statement:
    'Where a small DPO step lowers both, the rejected answer’s gradient is the longer one; where it raises both, the preferred answer’s.',
  exact: {
    tex: String.raw`\text{both}\downarrow\ \Rightarrow\ \|g_l\|>\|g_w\|,\qquad\text{both}\uparrow\ \Rightarrow\ \|g_w\|>\|g_l\|`,
    plain: 'both fall ⇒ ‖g_l‖ > ‖g_w‖; both rise ⇒ ‖g_w‖ > ‖g_l‖',
  },
  setup:
    'The suffix toy with p and p′ drawn from 0.1 to 0.9, far enough apart to entangle below m = 20, at the length where it begins to entangle and a half beyond.',
  measured: 'log of the ratio of the norms, the one that should be longer over the other; the smaller of both lengths',
  requirement: { sense: 'at least', threshold: 0, of: 'each', reason: 'the longer one is longer' },
  seeds: 15,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const { afterChosen: p, afterRejected: q, length } = randomSuffix(seed);
    const logs: number[] = [];
    for (const m of [Math.floor(length) + 1, Math.ceil(1.5 * length)]) {
      const { pattern, chosenGradNormSq, rejectedGradNormSq } = await diagnose(engine, suffix(m, p, q));
      const log = Math.log(rejectedGradNormSq / chosenGradNormSq) / 2;
      logs.push(pattern === 'both-down' ? log : pattern === 'both-up' ? -log : Number.NaN);
    }
    return Math.min(...logs);
  }),
};

const normalisedUpdate: Claim = {
  id: 'normalised-update',
  paper: '2410.13828',
  where: 'normalised gradients, in this page’s form',
  title: 'Normalised gradients part the answers',
  statement:
    'If both gradients are scaled to length 1 before they are subtracted, a small step raises the preferred answer and lowers the rejected, whatever the suffix.',
  exact: {
    tex: String.raw`\theta\leftarrow\theta+\eta\Big(\tfrac{g_w}{\|g_w\|}-\tfrac{g_l}{\|g_l\|}\Big):\quad\Delta\ln\pi_w=\eta\|g_w\|(1-\cos)\ge0,\ \Delta\ln\pi_l=-\eta\|g_l\|(1-\cos)\le0`,
    plain: 'θ ← θ + η (g_w / ‖g_w‖ - g_l / ‖g_l‖): Δ ln π_w = η ‖g_w‖ (1 - cos) ≥ 0, Δ ln π_l = -η ‖g_l‖ (1 - cos) ≤ 0',
  },
  setup:
    'The suffix toy with p and p′ drawn from 0.1 to 0.9, far enough apart to entangle below m = 20, half as long again as it takes to entangle; one step of 2⁻⁶.',
  measured: 'smaller of the two movements in the wanted direction, for each unit of the step',
  requirement: {
    sense: 'at least',
    threshold: 0.02,
    of: 'each',
    reason: 'above 0 by more than the curvature over a step of 2⁻⁶ can take away',
  },
  seeds: 15,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const step = 2 ** -6;
    const { afterChosen: p, afterRejected: q, length } = randomSuffix(seed);
    const { steps } = await engine.train({
      ...sharedSuffix({ ...suffix(Math.ceil(1.5 * length), p, q), update: 'normalised', learningRate: step }),
      record: [0, 1],
    });
    const moved = (side: 'chosenLogps' | 'rejectedLogps'): number => at(at(steps, 1)[side], 0) - at(at(steps, 0)[side], 0);
    return Math.min(moved('chosenLogps'), -moved('rejectedLogps')) / step;
  }),
};

const marginGrows: Claim = {
  id: 'margin-grows',
  paper: '2410.13828',
  where: 'd_w = d_l > 0',
  title: 'Equal forces widen the margin',
  statement:
    'A small step on a loss of the margin alone, where it falls as the margin grows, widens the margin, even where both log-probabilities fall.',
  exact: {
    tex: String.raw`d_w=d_l=d>0:\quad\Delta(\ln\pi_w-\ln\pi_l)=\eta\,d\,\|g_w-g_l\|^2>0`,
    plain: 'd_w = d_l = d > 0: Δ(ln π_w - ln π_l) = η d ‖g_w - g_l‖² > 0',
  },
  setup:
    'The suffix toy with p and p′ drawn from 0.1 to 0.9, far enough apart to entangle below m = 20, half as long again as it takes to entangle; one step of 2⁻⁶ on DPO, rDPO, IPO and the hinge on the margin.',
  measured: 'smallest growth of the margin over the four losses, for each unit of the step',
  requirement: {
    sense: 'at least',
    threshold: 0.01,
    of: 'each',
    reason: 'above 0 by more than float32 rounds a margin over a step of 2⁻⁶',
  },
  seeds: 8,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const losses: ObjectiveChoice[] = [
      { name: 'dpo', params: { beta } },
      { name: 'robust', params: { beta, labelSmoothing: 0.1 } },
      { name: 'ipo_sum' },
      { name: 'hinge', params: { beta } },
    ];
    const step = 2 ** -6;
    const { afterChosen: p, afterRejected: q, length } = randomSuffix(seed);
    const gains: number[] = [];
    for (const objective of losses) {
      const settings = { ...suffix(Math.ceil(1.5 * length), p, q), learningRate: step };
      const { steps } = await engine.train({ ...sharedSuffix(settings), objective, record: [0, 1] });
      const margin = (index: number): number => at(at(steps, index).chosenLogps, 0) - at(at(steps, index).rejectedLogps, 0);
      gains.push((margin(1) - margin(0)) / step);
    }
    return Math.min(...gains);
  }),
};

/** DPO with a likelihood term: d_w / d_l = 1 + λ / force at the start. */
const withLikelihood = (lambda: number): ObjectiveChoice => ({
  expression: '-logSigmoid(beta * ((logp_w - ref_w) - (logp_l - ref_l))) - lambda * logp_w',
  params: { beta, lambda },
});

const marginCanFall: Claim = {
  id: 'margin-falls',
  paper: '2410.13828',
  where: 'd_w ≠ d_l',
  title: 'Every pairwise loss widens the margin',
  statement: 'A small step on a preference loss widens the margin also where a likelihood term is added to it.',
  exact: {
    tex: String.raw`\Delta(\ln\pi_w-\ln\pi_l)=\eta\,\big[d_w\|g_w\|^2-(d_w+d_l)\langle g_w,g_l\rangle+d_l\|g_l\|^2\big]>0`,
    plain: 'Δ(ln π_w - ln π_l) = η [d_w ‖g_w‖² - (d_w + d_l) ⟨g_w, g_l⟩ + d_l ‖g_l‖²] > 0',
  },
  setup:
    'The suffix toy where both answers fall (p > p′), with DPO - λ log π(y_w), λ so large that d_w / d_l is twice what the formula asks for.',
  measured: 'rate of the margin, as a share of ‖g_w - g_l‖²',
  requirement: { sense: 'at least', threshold: 0, of: 'each', reason: 'the sign is the claim' },
  seeds: 15,
  expected: 'does not hold',
  instead:
    'Raising the preferred answer raises the rejected one along with it where their gradients are aligned, and faster where ⟨g_w, g_l⟩ is above ‖g_w‖², as here. With enough likelihood in the loss the margin shrinks.',
  measure: seedBySeed(async (engine, seed) => {
    const settings = fallingSuffix(seed);
    const { chosenGradNormSq: w, rejectedGradNormSq: l, innerProduct: inner } = await diagnose(engine, settings);
    const ratio = (2 * (l - inner)) / (inner - w);
    const { chosenRate, rejectedRate } = await diagnose(engine, settings, withLikelihood((ratio - 1) * force));
    return (chosenRate - rejectedRate) / (w + l - 2 * inner);
  }),
};

const interval: Claim = {
  id: 'force-interval',
  paper: '2410.13828',
  where: 'd_w and d_l',
  title: 'A likelihood term, in the right dose',
  statement:
    'Where both answers fall under DPO, a small step parts them as it should once the likelihood term is large enough, and raises both once it is too large; the doses are known beforehand.',
  exact: {
    tex: String.raw`\frac{\langle g_w,g_l\rangle}{\|g_w\|^2}<\frac{d_w}{d_l}<\frac{\|g_l\|^2}{\langle g_w,g_l\rangle},\qquad\frac{d_w}{d_l}=1+\frac{\lambda}{\beta\,\sigma(0)}`,
    plain: '⟨g_w, g_l⟩ / ‖g_w‖² < d_w / d_l < ‖g_l‖² / ⟨g_w, g_l⟩, with d_w / d_l = 1 + λ / (β σ(0))',
  },
  setup:
    'The suffix toy where both answers fall under DPO (p > p′); DPO - λ log π(y_w), at doses 1 % of the interval’s length outside and inside either end.',
  measured: 'share of the four doses at which both signs are as predicted',
  requirement: { sense: 'at least', threshold: 1, of: 'each', reason: 'a sign is right or wrong' },
  seeds: 10,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const settings = fallingSuffix(seed);
    const { chosenGradNormSq: w, rejectedGradNormSq: l, innerProduct: inner } = await diagnose(engine, settings);
    const [low, high] = [inner / w, l / inner];
    const edge = 0.01 * (high - low);
    let right = 0;
    for (const [ratio, chosen, rejected] of [
      [low - edge, -1, -1],
      [low + edge, 1, -1],
      [high - edge, 1, -1],
      [high + edge, 1, 1],
    ] as const) {
      const { chosenRate, rejectedRate } = await diagnose(engine, settings, withLikelihood((ratio - 1) * force));
      if (Math.sign(chosenRate) === chosen && Math.sign(rejectedRate) === rejected) right++;
    }
    return right / 4;
  }),
};

const lengths: Claim = {
  id: 'simpo-length',
  paper: '2410.13828',
  where: 'SimPO’s d_w / d_l',
  title: 'SimPO: a short rejected answer drags',
  statement:
    'SimPO pushes with the inverse lengths: in this toy the preferred answer falls at first where the rejected one is short, and rises where it is long enough.',
  exact: {
    tex: String.raw`\frac{d_w}{d_l}=\frac{n_l}{n_w}:\qquad\ln\pi_w\uparrow\iff\frac{n_l}{n_w}>\frac{\langle g_w,g_l\rangle}{\|g_w\|^2}`,
    plain: 'd_w / d_l = n_l / n_w: ln π_w rises ⇔ n_l / n_w > ⟨g_w, g_l⟩ / ‖g_w‖²',
  },
  setup:
    'The suffix toy where both answers fall (p > p′) under SimPO; either answer is made longer by words that are certain, which change its length and nothing else.',
  measured: 'share of four lengths (much shorter, equal, just below, just above) at which the sign is as predicted',
  requirement: { sense: 'at least', threshold: 1, of: 'each', reason: 'a sign is right or wrong' },
  seeds: 10,
  expected: 'holds',
  measure: seedBySeed(async (engine, seed) => {
    const settings = fallingSuffix(seed);
    const { policy, pairs } = sharedSuffix(settings);
    const answer = (first: number, length: number): number[] => [first, ...new Array<number>(length - 1).fill(0)];
    const n = settings.suffix + 1;
    const { chosenGradNormSq: w, innerProduct: inner } = await diagnose(engine, settings);
    const needed = (n * inner) / w;
    const padding = Math.ceil(needed) + 1;
    /** answers of the same gradients with this many tokens */
    const padded = (chosenLength: number, rejectedLength: number): Experiment => ({
      policy: { ...policy, logits: [...policy.logits, ...Array.from({ length: padding }, () => [0, null, null])] },
      pairs: [{ ...at(pairs, 0), chosen: answer(0, chosenLength), rejected: answer(1, rejectedLength) }],
      objective: { name: 'simpo' },
      optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
    });
    let right = 0;
    for (const [chosenLength, rejectedLength, sign] of [
      [n + padding, n, -1],
      [n, n, -1],
      [n, Math.ceil(needed) - 1, -1],
      [n, Math.floor(needed) + 1, 1],
    ] as const) {
      const { chosenRate } = at(await engine.diagnose(padded(chosenLength, rejectedLength)), 0);
      if (Math.sign(chosenRate) === sign) right++;
    }
    return right / 4;
  }),
};

export const suffixClaims: readonly Claim[] = [
  suffixRates,
  suffixCases,
  cosine,
  norms,
  marginGrows,
  marginCanFall,
  interval,
  lengths,
  normalisedUpdate,
];
