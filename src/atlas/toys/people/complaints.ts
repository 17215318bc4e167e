import type { Draws } from '../draws.ts';

/** An answer that a user complained about, and the rewrite that was stored as the better one. */
export interface Complaint {
  readonly prompt: number;
  readonly complained: number;
  readonly rewrite: number;
}

export interface Complaining {
  /** [prompt][answer] */
  readonly qualities: readonly (readonly number[])[];
  /** [prompt][answer] whom users talk to */
  readonly logits: readonly (readonly number[])[];
  /** conversations about each prompt */
  readonly each: number;
  /** how often a user who is not content says so */
  readonly voiced: number;
  /** deviation of what is mistaken when the best of four further answers is taken as the rewrite */
  readonly noise: number;
}

/** What users complain about: a user is content with σ(2 · quality), and a rewrite that is the same answer is dropped. */
export const complaints = (draws: Draws, { qualities, logits, each, voiced, noise }: Complaining): Complaint[] =>
  qualities.flatMap((row, prompt) =>
    Array.from({ length: each }, (): Complaint[] => {
      const complained = draws.fromLogits(logits[prompt] ?? []);
      const isContent = draws.prefers(2 * (row[complained] ?? 0));
      if (isContent || !draws.coin(voiced)) return [];
      const drawn = Array.from({ length: 4 }, () => {
        const answer = draws.fromLogits(logits[prompt] ?? []);
        return { answer, seen: (row[answer] ?? 0) + noise * draws.normal() };
      });
      const rewrite = drawn.reduce((best, other) => (other.seen > best.seen ? other : best)).answer;
      return rewrite === complained ? [] : [{ prompt, complained, rewrite }];
    }).flat(),
  );
