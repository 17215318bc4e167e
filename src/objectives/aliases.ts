/** Names that people give to what a loss reads: those of TRL, of HALOs and of papers, understood word by word. */

const known = {
  w: /^(chosen|w|win|winn(er|ing)|preferred|accepted|pos(itive)?)$/,
  l: /^(reject(ed)?|l|los(e|er|ing)|dispreferred|neg(ative)?)$/,
  logp: /^log(p|pi|prob)s?$/,
  logratio: /^(log)?ratios?$/,
  len: /^(len(gth)?|token)s?$/,
  reward: /^rewards?$/,
  logit: /^logits?$/,
  prob: /^(p|probs?|probabilit(y|ies)|likelihoods?)$/,
  nll: /^nlls?$/,
  ref: /^ref(erence)?$/,
  prev: /^(prev(ious)?|old)$/,
  mean: /^(avg|average|mean)$/,
  filler: /^(policy|pi|model|sum|num|response)$/,
};
type Word = keyof typeof known;

/** Names that stand for both responses at once. */
const whole: Readonly<Record<string, string>> = {
  pi_logratios: 'logp_w - logp_l',
  policy_logratios: 'logp_w - logp_l',
  ref_logratios: 'ref_w - ref_l',
  reference_logratios: 'ref_w - ref_l',
  logratios: 'margin',
  logits: 'margin',
  KL: 'kl_baseline',
};

/** What makes a name one of an input, and not of a parameter. */
const quantities: readonly Word[] = ['logp', 'logratio', 'len', 'reward', 'logit', 'prob', 'nll'];

/** What a name stands for, or what was probably meant by one that looks like an input; null for a parameter. */
export function meaningOfName(name: string): { readonly line: string } | { readonly suggestion: string } | null {
  if (Object.hasOwn(whole, name)) return { line: whole[name] as string };
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/log_(?=p|ratio)/g, 'log')
    .split('_');
  const kinds = words.map((word) => (Object.keys(known) as Word[]).find((kind) => known[kind].test(word)));
  const has = (kind: Word) => kinds.includes(kind);
  const quantity = kinds.find((kind) => kind !== undefined && quantities.includes(kind));
  const side = has('w') ? 'w' : 'l';
  if (has('w') === has('l')) return null;
  // pi_w, ref_pi_l: a probability
  if (!quantity && kinds.every(Boolean) && words.some((word) => /^(pi|policy)$/.test(word)))
    return { suggestion: `exp(${has('ref') ? 'ref' : 'logp'}_${side})` };
  if (!quantity) return null;
  const of = has('ref') ? 'ref' : has('prev') ? 'prev' : quantity;
  const isClear = kinds.every(Boolean);
  const logpName = `${of === 'ref' || of === 'prev' ? of : 'logp'}_${side}`;
  if (quantity === 'prob') return { suggestion: `exp(${logpName})` };
  if (quantity === 'nll') return { suggestion: `-${logpName}` };
  if (quantity === 'logit') return { suggestion: logpName };
  // The rewards of TRL and HALOs are implicit, and a reward model's are given: only the reader knows which is meant.
  if (quantity === 'reward') return { suggestion: `reward_${side}' (given) or 'beta * logratio_${side}` };
  if (quantity !== 'logp') return isClear && of === quantity ? { line: `${of}_${side}` } : { suggestion: `${quantity}_${side}` };
  const line = `${of}_${side}`;
  return isClear ? { line: has('mean') ? `${line} / len_${side}` : line } : { suggestion: line };
}

const spellings: Readonly<Record<string, string>> = {
  label_smoothing: 'epsilon',
  eps: 'epsilon',
  rpo_alpha: 'alpha',
  simpo_gamma: 'gamma',
};

/** The usual spelling of a parameter's name, under which its start and range are known. */
export const usualSpelling = (name: string): string => (Object.hasOwn(spellings, name) ? (spellings[name] as string) : name);
