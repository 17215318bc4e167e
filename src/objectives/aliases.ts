/** Names that people give to what a loss reads: those of TRL, of HALOs and of papers, understood word by word. */

const sides: Readonly<Record<string, 'w' | 'l'>> = Object.fromEntries([
  ...'chosen w win winner winning preferred accepted pos positive yw'.split(' ').map((word) => [word, 'w'] as const),
  ...'rejected reject l lose loser losing dispreferred neg negative yl'.split(' ').map((word) => [word, 'l'] as const),
]);
const references = new Set('ref reference base sft'.split(' '));
const policies = new Set('policy pi model theta y'.split(' '));
const previous = new Set('prev previous old'.split(' '));
const means = new Set('avg average mean normalized normalised per token'.split(' '));
const fillers = new Set('sum total seq sequence response responses completion completions num n'.split(' '));

type Quantity = 'logp' | 'logratio' | 'len' | 'reward';
const quantities: Readonly<Record<string, Quantity>> = Object.fromEntries([
  ...'logp logps logprob logprobs logpi ll'.split(' ').map((word) => [word, 'logp'] as const),
  ...'logratio logratios ratio ratios h'.split(' ').map((word) => [word, 'logratio'] as const),
  ...'len lens length lengths tokens'.split(' ').map((word) => [word, 'len'] as const),
  ...'reward rewards'.split(' ').map((word) => [word, 'reward'] as const),
]);

/** Names that stand for both responses at once. */
const whole: Readonly<Record<string, string>> = {
  pi_logratios: 'logp_w - logp_l',
  policy_logratios: 'logp_w - logp_l',
  model_logratios: 'logp_w - logp_l',
  ref_logratios: 'ref_w - ref_l',
  reference_logratios: 'ref_w - ref_l',
  logratios: 'margin',
  logits: 'margin',
  delta_score: 'margin',
  kl: 'kl_baseline',
  z0: 'kl_baseline',
  z_0: 'kl_baseline',
};
/** Of these, the ones that may as well be a parameter unless they are written so. */
const exactly: Readonly<Record<string, string>> = { kl: 'KL' };

/** What a name means: a line of inputs that it stands for, a suggestion where it is not clear, or null for a parameter. */
export type Meaning = { readonly line: string } | { readonly suggestion: string } | null;

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/log_(probs?|p|ps|pi|ratios?)(?=_|$)/g, 'log$1')
    .split('_')
    .filter((word) => word !== '');

export function meaningOfName(name: string): Meaning {
  const plain = wordsOf(name).join('_');
  if (Object.hasOwn(whole, plain) && (!Object.hasOwn(exactly, plain) || exactly[plain] === name)) return { line: whole[plain] as string };
  let side: 'w' | 'l' | null = null;
  let quantity: Quantity | null = null;
  let [of, isMean, isUnknown]: ['policy' | 'ref' | 'prev' | null, boolean, boolean] = [null, false, false];
  for (const word of wordsOf(name)) {
    if (Object.hasOwn(sides, word) && side === null) side = sides[word] ?? null;
    else if (Object.hasOwn(quantities, word) && quantity === null) quantity = quantities[word] ?? null;
    else if (references.has(word)) of = 'ref';
    else if (previous.has(word)) of = 'prev';
    else if (policies.has(word)) of ??= 'policy';
    else if (means.has(word)) isMean = true;
    else if (!fillers.has(word)) isUnknown = true;
  }
  // `h_w` is a log-ratio in papers; `h` with anything else is a name of its own.
  if (side === null || quantity === null) return null;
  switch (quantity) {
    case 'logp': {
      const line = `${of === 'ref' ? 'ref' : of === 'prev' ? 'prev' : 'logp'}_${side}`;
      if (isUnknown) return { suggestion: line };
      return { line: isMean ? `${line} / len_${side}` : line };
    }
    case 'logratio':
      return isUnknown || of === 'ref' || of === 'prev' || isMean ? { suggestion: `logratio_${side}` } : { line: `logratio_${side}` };
    case 'len':
      return isUnknown ? { suggestion: `len_${side}` } : { line: isMean ? `len_${side}` : `len_${side}` };
    case 'reward':
      // TRL's chosen_rewards are implicit, beta * logratio; a reward model's are given: only the reader knows which is meant.
      return { suggestion: `beta * logratio_${side}' (the implicit reward) or 'reward_${side}` };
    default:
      return quantity satisfies never;
  }
}

/** Other spellings of parameters whose start and range are known. */
const spellings: Readonly<Record<string, string>> = {
  label_smoothing: 'labelSmoothing',
  labelsmoothing: 'labelSmoothing',
  smoothing: 'labelSmoothing',
  eps: 'epsilon',
  flip_rate: 'labelSmoothing',
  lam: 'lambda',
  lambda_: 'lambda',
  lmbda: 'lambda',
  rpo_alpha: 'alpha',
  cpo_alpha: 'alpha',
  sft_weight: 'alpha',
  nll_weight: 'alpha',
  simpo_gamma: 'gamma',
  gamma_beta_ratio: 'gamma',
  dpo_beta: 'beta',
};

/** The usual spelling of a parameter's name. */
export const usualSpelling = (name: string): string => {
  const plain = name.toLowerCase();
  return Object.hasOwn(spellings, plain) ? (spellings[plain] as string) : name;
};
