import type { Experiment, FactorisedSequencePolicy, ObjectiveChoice, OptimizerChoice, Pair, Parameters } from '../../../core/experiment.ts';
import { softmax } from '../../../core/softmax.ts';
import { partsUntil, type RunPart } from '../forked-run.ts';

/**
 * A small policy in which the gradients of the two answers are entangled (setting of arXiv:2410.13828): the answers differ in
 * their first token, and then both go on with the same token, m times. Logits are shared by all prefixes and trained; what the first
 * token does to the rest is a frozen offset.
 */
export interface SuffixSettings {
  /** m, tokens that both answers share */
  suffix: number;
  /** p, probability of each shared token after the chosen first token, before training */
  afterChosen: number;
  /** p', the same after the rejected first token */
  afterRejected: number;
  /** π_w = π_l, probability of either first token before training; a third token has the rest */
  first: number;
  objective: Exclude<ObjectiveChoice, { mix: unknown }>;
  learningRate: number;
  update: 'plain' | 'normalised';
  /** shared tokens that are left out of the loss of both answers, by their place from 1, ascending; places beyond m say nothing */
  masked: readonly number[];
  /** number of updates */
  steps: number;
  /** of a forked run, in order; objective, step size, update and mask of the settings hold after it */
  past?: readonly PastSuffix[];
}

/** The part of a forked run that is over. */
export interface PastSuffix extends RunPart, Pick<SuffixSettings, 'objective' | 'learningRate' | 'update' | 'masked'> {}

/** Step sizes that show the whole story in a run of the default length. */
export const updatePresets: Readonly<Record<SuffixSettings['update'], number>> = { plain: 1, normalised: 0.05 };

export const defaultSuffix: SuffixSettings = {
  suffix: 8,
  afterChosen: 0.6,
  afterRejected: 0.2,
  first: 0.4,
  objective: { name: 'dpo', params: { beta: 0.1 } },
  learningRate: updatePresets.plain,
  update: 'plain',
  masked: [],
  steps: 60,
};

/** Places of the shared tokens that the loss sees. A masked token's own logits get no gradient and never move. */
const countedPlaces = ({ masked, suffix }: SuffixSettings): number[] =>
  Array.from({ length: suffix }, (_, i) => i + 1).filter((place) => !masked.includes(place));

/** How many shared tokens the loss sees. */
export const countedSuffix = (settings: SuffixSettings): number => countedPlaces(settings).length;

const vocabulary = 3;

function suffixPolicy(m: number, { afterChosen: p, afterRejected: q, first }: SuffixSettings): FactorisedSequencePolicy {
  return {
    kind: 'sequence',
    form: 'factorised',
    logits: [[first, first, 1 - 2 * first].map(Math.log), ...Array.from({ length: m }, () => [0, 0, null])],
    offsets: [
      { prefix: [0], logits: [Math.log(p), Math.log(1 - p), 0] },
      { prefix: [1], logits: [Math.log(q), Math.log(1 - q), 0] },
    ],
  };
}

/** What trains the toy when. */
export const suffixParts = ({ past = [], objective, learningRate, update, masked, steps }: SuffixSettings): [PastSuffix, ...PastSuffix[]] =>
  partsUntil(past, { until: steps, objective, learningRate, update, masked });

/** One reward apart and a certain label, for objectives that read either. */
function suffixPair(settings: SuffixSettings): Pair {
  const { suffix: m } = settings;
  const counted = countedPlaces(settings);
  const mask = [1, ...Array.from({ length: m }, (_, i) => Number(counted.includes(i + 1)))];
  const masks = counted.length < m ? { chosenMask: mask, rejectedMask: mask } : {};
  const answer = (firstToken: number): number[] => [firstToken, ...new Array<number>(m).fill(0)];
  return { prompt: 0, chosen: answer(0), rejected: answer(1), rewards: [1, 0], label: 1, ...masks };
}

/** The toy as an experiment. A forked run has a stage for each part; its reference stays the policy at step 0. */
export function sharedSuffix(settings: SuffixSettings): Experiment & { policy: FactorisedSequencePolicy } {
  let before = 0;
  const stages = suffixParts(settings).map(({ until, objective, learningRate, update, masked }) => {
    const kind: OptimizerChoice['kind'] = update === 'plain' ? 'sgd' : 'normalised-pair';
    const steps = until - before;
    before = until;
    return { pairs: [suffixPair({ ...settings, masked })], objective, optimizer: { kind, learningRate, steps } };
  });
  const [first, ...later] = stages as [(typeof stages)[number], ...typeof stages];
  return {
    policy: suffixPolicy(settings.suffix, settings),
    ...first,
    ...(later.length > 0 ? { stages: later.map((stage) => ({ ...stage, reference: 'run start' as const })) } : {}),
  };
}

/** Probabilities that differ by less are called the same: more than float32 rounding, less than is shown. */
const likeness = 1e-5;

/** Odds of the shared token at a position where they were p / (1 - p) before training. */
function oddsOf(p: number, position: number, { logits = [] }: { logits?: ArrayLike<number> }): number {
  const row = position * vocabulary;
  return (p / (1 - p)) * Math.exp((logits[row] ?? Number.NaN) - (logits[row + 1] ?? Number.NaN));
}

/** Log-probabilities of the shared tokens that the loss of either answer leaves out, summed. */
export function maskedLogps(settings: SuffixSettings, parameters: Parameters): { chosen: number; rejected: number } {
  const places = settings.masked.filter((place) => place <= settings.suffix);
  const sum = (p: number): number => places.reduce((all, place) => all - Math.log1p(1 / oddsOf(p, place, parameters)), 0);
  return { chosen: sum(settings.afterChosen), rejected: sum(settings.afterRejected) };
}

/** Geometry of the two gradients in closed form, and the probabilities that it is a function of. */
export interface SuffixGeometry {
  /** π_w and π_l of the first token */
  readonly firstChosen: number;
  readonly firstRejected: number;
  /** p and p' of the shared tokens; NaN where there are none */
  readonly afterChosen: number;
  readonly afterRejected: number;
  /** all positions that count have the same p and p', as they do unless a fork has changed which of them count */
  readonly alike: boolean;
  readonly chosenGradNormSq: number;
  readonly rejectedGradNormSq: number;
  readonly innerProduct: number;
}

/**
 * With ‖π‖² over the first token's vocabulary,
 *   ‖g_w‖² = 1 - 2 π_w + ‖π‖² + 2 Σ (1 - p)²,  ‖g_l‖² likewise with π_l and p',
 *   I = ‖π‖² - π_w - π_l + 2 Σ (1 - p)(1 - p'),
 * sums over the shared positions that count. A step on a loss of the margin then moves log π_w by C (‖g_w‖² - I), which is
 * C (1 - π_w + π_l - 2 m (1 - p)(p - p')) where all positions are alike.
 */
export function suffixGeometry(settings: SuffixSettings, parameters: Parameters): SuffixGeometry {
  const logits = parameters['logits'] ?? [];
  const [firstChosen = Number.NaN, firstRejected = Number.NaN, third = Number.NaN] = softmax(Array.from(logits).slice(0, 3));
  const normSq = firstChosen ** 2 + firstRejected ** 2 + third ** 2;

  /** 1 - probability of the shared token at a position whose start value is p */
  const missing = (p: number, position: number): number => 1 / (1 + oddsOf(p, position, parameters));
  const shared = countedPlaces(settings).map((place) => ({
    w: missing(settings.afterChosen, place),
    l: missing(settings.afterRejected, place),
  }));
  const [one] = shared;
  const sum = (term: (position: { w: number; l: number }) => number): number => shared.reduce((all, each) => all + term(each), 0);
  return {
    firstChosen,
    firstRejected,
    afterChosen: 1 - (one?.w ?? Number.NaN),
    afterRejected: 1 - (one?.l ?? Number.NaN),
    alike: shared.every(({ w, l }) => Math.abs(w - (one?.w ?? w)) + Math.abs(l - (one?.l ?? l)) < likeness),
    chosenGradNormSq: 1 - 2 * firstChosen + normSq + 2 * sum(({ w }) => w * w),
    rejectedGradNormSq: 1 - 2 * firstRejected + normSq + 2 * sum(({ l }) => l * l),
    innerProduct: normSq - firstChosen - firstRejected + 2 * sum(({ w, l }) => w * l),
  };
}

/**
 * The suffix length above which a small step on the margin moves both answers the same way, before training: down where p > p', up
 * where p < p'. Null where no length does.
 */
export function entanglingLength({ afterChosen: p, afterRejected: q }: SuffixSettings): number | null {
  // 1 - π_w + π_l is 1 where both first tokens are equally likely
  const each = p > q ? 2 * (1 - p) * (p - q) : 2 * (1 - q) * (q - p);
  return each > 0 ? 1 / each : null;
}
