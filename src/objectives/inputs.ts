import { div, exp, min, mul, neg, sub, substitution, unary } from '../core/expression/build.ts';
import { constant, type Expression, input, inputsOf, match, parameter } from '../core/expression/expression.ts';
import type { Names } from '../core/expression/parse.ts';
import { meaningOfName } from './aliases.ts';

/** What is known of a pair before training begins: columns that the host fills. */
export const pairConstants = [
  'ref_w',
  'ref_l',
  'len_w',
  'len_l',
  'prev_w',
  'prev_l',
  'reward_w',
  'reward_l',
  'label',
  'weight',
  'mean_len_w',
] as const;

/** What depends on the whole batch under the present policy: columns that kernels of their own fill before each loss. */
export const batchStatistics = [
  'sorted_ref_margin',
  'same_rank_logratio_w',
  'same_rank_logratio_l',
  'kl_baseline',
  'mean_logratio',
  'wpo_weight',
] as const;

export type BatchStatistic = (typeof batchStatistics)[number];

/** What a pair provides besides its two log-probs: held constant in the derivative. */
export const pairColumns = [...pairConstants, ...batchStatistics] as const;
export type PairConstant = (typeof pairColumns)[number];

/** Everything that an objective may read of a preference pair. */
export type PairInput = 'logp_w' | 'logp_l' | PairConstant;

export const isBatchStatistic = (name: PairConstant): name is BatchStatistic => (batchStatistics as readonly string[]).includes(name);

/** TeX and meaning of every input. */
export const inputMeanings: Readonly<Record<PairInput, { readonly tex: string; readonly meaning: string }>> = {
  logp_w: { tex: '\\log\\pi(y_w)', meaning: 'log-probability of the chosen response, summed over its tokens, in nats' },
  logp_l: { tex: '\\log\\pi(y_l)', meaning: 'log-probability of the rejected response' },
  ref_w: { tex: '\\log\\pi_{\\mathrm{ref}}(y_w)', meaning: 'the same under the frozen reference policy' },
  ref_l: { tex: '\\log\\pi_{\\mathrm{ref}}(y_l)', meaning: 'the same under the frozen reference policy' },
  len_w: { tex: '|y_w|', meaning: 'counted tokens of the chosen response' },
  len_l: { tex: '|y_l|', meaning: 'counted tokens of the rejected response' },
  prev_w: { tex: '\\log\\pi_{\\mathrm{prev}}(y_w)', meaning: 'the same under the previous iterate of the policy' },
  prev_l: { tex: '\\log\\pi_{\\mathrm{prev}}(y_l)', meaning: 'the same under the previous iterate of the policy' },
  reward_w: { tex: 'r_w', meaning: 'reward of the chosen response' },
  reward_l: { tex: 'r_l', meaning: 'reward of the rejected response' },
  label: { tex: 'p', meaning: 'soft label: the probability that the chosen response is the better one' },
  weight: { tex: '\\omega', meaning: "the pair's weight (the mean over pairs applies it already)" },
  mean_len_w: { tex: '\\overline{|y_w|}', meaning: 'mean of len_w over the batch' },
  sorted_ref_margin: {
    tex: '\\Delta^{\\mathrm{ref}}_{(i)}',
    meaning: "the reference margin that holds the same rank in the batch as this pair's policy margin",
  },
  same_rank_logratio_w: { tex: 'h_{w,(i)}', meaning: "the chosen log-ratio of the same rank in the batch as this pair's rejected one" },
  same_rank_logratio_l: { tex: 'h_{l,(i)}', meaning: "the rejected log-ratio of the same rank in the batch as this pair's chosen one" },
  kl_baseline: { tex: 'z_0', meaning: 'mean log-ratio of all responses of the batch, at least 0' },
  mean_logratio: { tex: '\\bar h', meaning: 'mean log-ratio of all responses of this and all earlier steps' },
  wpo_weight: {
    tex: '\\omega_{\\pi}',
    meaning: 'how on-policy the pair is: product over both responses of exp of the mean of log π(y_t) - log Σ_v π(v)²',
  },
};

const difference = (a: string, b: string) => sub(input(a), input(b));
const logratioW = difference('logp_w', 'ref_w');
const logratioL = difference('logp_l', 'ref_l');

/** f-divergences by TRL's names: what the loss compares instead of the log-ratio h (arXiv:2309.16240). */
export const divergences = ['reverse_kl', 'forward_kl', 'js_divergence', 'alpha_divergence'] as const;
export type Divergence = (typeof divergences)[number];

/** Largest exponent that float32 holds with room for a factor; TRL clamps the alpha divergence here, too. */
const largestExponent = constant(80);

/** The f-DPO score of a log-ratio, up to a constant that cancels. */
function score(h: Expression, divergence: Divergence): Expression {
  switch (divergence) {
    case 'reverse_kl':
      return h;
    case 'forward_kl':
      return neg(exp(min(neg(h), largestExponent)));
    case 'js_divergence':
      return neg(unary('softplus', neg(h)));
    case 'alpha_divergence': {
      const power = sub(parameter('alphaDivergenceCoef'), constant(1));
      return div(exp(min(mul(power, h), largestExponent)), power);
    }
    default:
      return divergence satisfies never;
  }
}

/** `score_w` and `score_l` stand for the log-ratios, or for their f-divergence scores. */
const scores = ['score_w', 'score_l'] as const;

export const usesScores = (template: Expression): boolean =>
  inputsOf(template).some((name) => (scores as readonly string[]).includes(name));

/** The loss with its scores spelt out. */
export const withScores = (template: Expression, divergence: Divergence): Expression => scoresSpelt(divergence)(template);

/** The same of several expressions, which may share parts. */
export function scoresSpelt(divergence: Divergence): (template: Expression) => Expression {
  const bySide = { score_w: score(logratioW, divergence), score_l: score(logratioL, divergence) };
  return substitution((node) => (node.kind === 'input' ? (bySide[node.name as keyof typeof bySide] ?? null) : null));
}

/** Names that stand for an expression. */
const shorthands: Readonly<Record<string, Expression>> = {
  logratio_w: logratioW,
  logratio_l: logratioL,
  margin: sub(logratioW, logratioL),
  avg_logp_w: div(input('logp_w'), input('len_w')),
  avg_logp_l: div(input('logp_l'), input('len_l')),
  reward_gap: difference('reward_w', 'reward_l'),
};

/** Parts of a loss that have a name in the field, smallest first. */
export const objectiveVariables: readonly (readonly [name: string, e: Expression])[] = ['logratio_w', 'logratio_l', 'margin'].map(
  (name) => [name, shorthands[name] ?? constant(Number.NaN)] as const,
);

/** The meaning of each shorthand, as one would type it. */
export const shorthandMeanings: Readonly<Record<string, string>> = {
  logratio_w: 'logp_w - ref_w',
  logratio_l: 'logp_l - ref_l',
  margin: 'logratio_w - logratio_l',
  avg_logp_w: 'logp_w / len_w',
  avg_logp_l: 'logp_l / len_l',
  reward_gap: 'reward_w - reward_l',
  score_w: 'logratio_w, or its f-divergence score',
  score_l: 'logratio_l, or its f-divergence score',
};

/** The names that a loss may use, besides its parameters. */
export const objectiveNamesInText: Names = {
  inputs: ['logp_w', 'logp_l', ...pairColumns, ...scores],
  shorthands,
  alias: meaningOfName,
};

/** Which response of a pair, or of a group. */
const responseLetters = ['w', 'l', 'i', 'j'] as const;
type ResponseLetter = (typeof responseLetters)[number];

const logRatio = (side: ResponseLetter) => `\\log\\frac{\\pi(y_${side})}{\\pi_{\\mathrm{ref}}(y_${side})}`;

/** What `h_w` and `h_l` stand for in TeX that is too long without them. */
export const logRatioLegend = 'h_y = \\log\\frac{\\pi(y)}{\\pi_{\\mathrm{ref}}(y)}';

/** The response whose log π - log π_ref an expression is. */
function logRatioSide(e: Expression): ResponseLetter | null {
  const [policy, reference] = match(e, 'sub') ?? [];
  if (policy?.kind !== 'input' || reference?.kind !== 'input') return null;
  return responseLetters.find((side) => policy.name === `logp_${side}` && reference.name === `ref_${side}`) ?? null;
}

/** log π - log π_ref as one fraction. */
export function fractionOf(e: Expression): string | null {
  const side = logRatioSide(e);
  return side && logRatio(side);
}

/** log π - log π_ref as one letter. */
export function letterOf(e: Expression): string | null {
  const side = logRatioSide(e);
  return side && `h_${side}`;
}
