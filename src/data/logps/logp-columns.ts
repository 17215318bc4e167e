import { plainName } from '../pairs/shapes.ts';

/** The columns of a file of log-probs, in nats, each summed over the tokens of a response. */
export const logpColumns = ['chosen_logp', 'rejected_logp', 'ref_chosen_logp', 'ref_rejected_logp'] as const;
export type LogpColumn = (typeof logpColumns)[number];
export type LengthColumn = 'chosen_length' | 'rejected_length';

/** What a name says, word by word. A name with any other word in it is of something else. */
const sides: Readonly<Record<string, 'chosen' | 'rejected'>> = Object.fromEntries([
  ...'chosen w win winner winning preferred accepted pos positive yw better'.split(' ').map((word) => [word, 'chosen'] as const),
  ...'rejected reject l lose loser losing dispreferred neg negative yl worse unpreferred'
    .split(' ')
    .map((word) => [word, 'rejected'] as const),
]);
const references = new Set('ref reference refs base sft initial init'.split(' '));
const policies = new Set('policy pi model theta actor y train eval rewards'.split(' '));
const quantities = new Set('logp logps logprob logprobs logpi ll loglik loglikelihood logprobability logprobabilities'.split(' '));
const means = new Set('avg average mean normalized normalised norm per token tokenwise'.split(' '));
const sums = new Set('sum total summed seq sequence all'.split(' '));
const lengths = new Set('length lengths len lens tokens ntokens'.split(' '));
const fillers = new Set('num n count response responses completion answer of'.split(' '));

export interface ColumnMeaning {
  readonly column: LogpColumn | LengthColumn;
  /** a mean over tokens, not a sum */
  readonly isMean: boolean;
}

const known = new Map<string, ColumnMeaning | null>();

/** What a column of log-probs or of lengths is by its name; null where it is something else. */
export function meaningOf(name: string): ColumnMeaning | null {
  const before = known.get(name);
  if (before !== undefined) return before;
  const meaning = readName(name);
  if (known.size < 10_000) known.set(name, meaning);
  return meaning;
}

function readName(name: string): ColumnMeaning | null {
  if (name.length > 80) return null;
  const words = plainName(name)
    .replace(/log_(probabilit\w+|probs?|p|ps|pi|lik\w*)(?=$|[_/])/g, 'log$1')
    .split(/[_/()\s]+/)
    .filter((word) => word !== '');
  let side: 'chosen' | 'rejected' | null = null;
  let [isReference, isMean, isQuantity, isLength] = [false, false, false, false];
  for (const word of words) {
    const one = Object.hasOwn(sides, word) ? sides[word] : undefined;
    if (one && side) return null;
    if (one) side = one;
    else if (references.has(word)) isReference = true;
    else if (quantities.has(word)) isQuantity = true;
    else if (means.has(word)) isMean = true;
    else if (lengths.has(word)) isLength = true;
    else if (!policies.has(word) && !sums.has(word) && !fillers.has(word)) return null;
  }
  if (!side || words.includes('rewards')) return null;
  if (isReference && !isLength && words.length === 2) return { column: `ref_${side}_logp`, isMean }; // ref_w
  if (isQuantity) return { column: isReference ? `ref_${side}_logp` : `${side}_logp`, isMean };
  return isLength && !isReference ? { column: `${side}_length`, isMean: false } : null;
}

/** Names that look like what belongs here and is not read: what to do about them. */
export function otherQuantity(names: readonly string[]): string | null {
  const find = (pattern: RegExp) => names.find((name) => pattern.test(plainName(name)));
  const nll = find(/nll|neg_log|perplexity|ppl|cross_entropy/);
  if (nll !== undefined) return `“${nll.slice(0, 60)}” looks like a loss: write log-probs, which are its negative, summed over the tokens`;
  const ratio = find(/log_?ratio/);
  if (ratio !== undefined)
    return `“${ratio.slice(0, 60)}” looks like a log-ratio: write the log-probs of the model and of its reference apart`;
  return null;
}
