import type { Experiment, ObjectiveChoice, Pair } from '../core/experiment.ts';
import type { LineProblem, PreferencePair } from './pairs/read-pair.ts';
import { buildVocabulary, type Vocabulary } from './vocabulary.ts';
import { splitWords } from './words.ts';

/** What is kept of the text. */
export interface TokenLimits {
  /** words of a response from its beginning; the rest is cut off */
  maxTokens: number;
  /** most frequent words that get a token of their own */
  maxWords: number;
}

export interface BigramHyperparameters {
  objective: ObjectiveChoice;
  learningRate: number;
  steps: number;
}

export interface TokenPair extends Pair {
  /** line of the file, from 1 */
  line: number;
  chosen: number[];
  rejected: number[];
}

/** Preference pairs as tokens. */
export interface TokenisedPairs {
  vocabulary: Vocabulary;
  /** [prompts] the different prompts, in order of first appearance; a pair's `prompt` is an index into it */
  prompts: string[];
  pairs: TokenPair[];
  /** pairs of the file that cannot be told apart after cutting */
  dropped: LineProblem[];
  /** tokens of all kept responses */
  tokens: number;
  /** how many of them are the unknown word */
  unknownTokens: number;
  /** kept responses that were longer than the limit */
  cutResponses: number;
}

const sameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((item, i) => item === b[i]);

/** Cuts, counts and numbers the words of the responses. Only what remains after the cut counts for the vocabulary. */
export function tokenisePairs(pairs: readonly PreferencePair[], { maxTokens, maxWords }: TokenLimits): TokenisedPairs {
  const dropped: LineProblem[] = [];
  const texts: { pair: PreferencePair; chosen: string[]; rejected: string[] }[] = [];
  for (const pair of pairs) {
    // One word more than is kept tells whether anything was cut.
    const chosen = splitWords(pair.chosen, maxTokens + 1);
    const rejected = splitWords(pair.rejected, maxTokens + 1);
    if (sameList(chosen.slice(0, maxTokens), rejected.slice(0, maxTokens))) {
      const problem =
        chosen.length > maxTokens || rejected.length > maxTokens
          ? `the responses agree in their first ${maxTokens} words; keep more words of a response`
          : 'the responses are the same words; a pair needs two different responses';
      dropped.push({ line: pair.line, problem });
    } else {
      texts.push({ pair, chosen, rejected });
    }
  }

  const vocabulary = buildVocabulary(
    texts.flatMap(({ chosen, rejected }) => [chosen.slice(0, maxTokens), rejected.slice(0, maxTokens)]),
    maxWords,
  );
  const result: TokenisedPairs = { vocabulary, prompts: [], pairs: [], dropped, tokens: 0, unknownTokens: 0, cutResponses: 0 };
  const promptIndex = new Map<string, number>();
  for (const { pair, ...words } of texts) {
    const chosen = words.chosen.slice(0, maxTokens).map(vocabulary.token);
    const rejected = words.rejected.slice(0, maxTokens).map(vocabulary.token);
    if (sameList(chosen, rejected)) {
      dropped.push({ line: pair.line, problem: 'the responses differ only in unknown words; keep more words in the vocabulary' });
      continue;
    }
    let prompt = promptIndex.get(pair.prompt);
    if (prompt === undefined) {
      prompt = result.prompts.push(pair.prompt) - 1;
      promptIndex.set(pair.prompt, prompt);
    }
    result.pairs.push({ line: pair.line, prompt, chosen, rejected });
    for (const token of [...chosen, ...rejected]) {
      result.tokens++;
      if (token === vocabulary.unknown) result.unknownTokens++;
    }
    result.cutResponses += Number(words.chosen.length > maxTokens) + Number(words.rejected.length > maxTokens);
  }
  dropped.sort((a, b) => a.line - b.line);
  return result;
}

/**
 * Rows of the bigram model that all responses, chosen and rejected together, fit best, smoothed towards the word frequencies:
 *
 *     u(v)     = (n(v) + 1) / (N + V)
 *     π(v | w) = (n(w, v) + α u(v)) / (n(w) + α)        row of the previous word w
 *     π(v | x) = (n(first = v) + α u(v)) / (R + α)      start row, the same for every prompt x
 *
 * with n(v) how often the word v occurs in the N tokens of the R responses, n(w, v) how often v follows w, n(w) = Σ_v n(w, v)
 * and α = `SMOOTHING`. Every probability is above 0. Returns log-probabilities [prompts + V, V].
 */
export function smoothedBigramTable({ pairs, prompts, vocabulary }: Pick<TokenisedPairs, 'pairs' | 'prompts' | 'vocabulary'>): number[][] {
  const size = vocabulary.words.length;
  const unigram = new Array<number>(size).fill(1);
  const start = new Array<number>(size).fill(0);
  const following = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const increment = (counts: number[] | undefined, token: number): void => {
    if (counts) counts[token] = (counts[token] ?? 0) + 1;
  };
  for (const { chosen, rejected } of pairs) {
    for (const response of [chosen, rejected]) {
      response.forEach((token, position) => {
        increment(unigram, token);
        const previous = position === 0 ? undefined : response[position - 1];
        increment(previous === undefined ? start : following[previous], token);
      });
    }
  }
  const total = sum(unigram);
  const prior = unigram.map((count) => (SMOOTHING * count) / total);
  const logPrior = prior.map(Math.log);
  const smooth = (counts: number[]): number[] => {
    const logMass = Math.log(sum(counts) + SMOOTHING);
    // Most words never follow: with thousands of them, their logarithms would take most of the time.
    return counts.map((count, v) => (count === 0 ? (logPrior[v] ?? 0) : Math.log(count + (prior[v] ?? 0))) - logMass);
  };
  const startRow = smooth(start);
  return [...prompts.map(() => [...startRow]), ...following.map(smooth)];
}

/** α of `smoothedBigramTable`, in counts. */
export const SMOOTHING = 1;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Trains a bigram policy that begins as the smoothed bigram model of the responses, `table`, which is also the reference. */
export function bigramExperiment(
  data: TokenisedPairs,
  { objective, learningRate, steps }: BigramHyperparameters,
  table: number[][] = smoothedBigramTable(data),
): Experiment {
  return {
    policy: { kind: 'bigram', prompts: data.prompts.length, vocab: data.vocabulary.words.length, table },
    pairs: data.pairs.map(({ prompt, chosen, rejected }) => ({ prompt, chosen, rejected })),
    objective,
    optimizer: { kind: 'sgd', learningRate, steps },
  };
}
