/** Tokens from the beginning of a response that are told by their place. */
export const placesTold = 256;
/** Different tokens that are counted; of a larger vocabulary those met first. */
const MOST_TOKENS = 50_000;
/** Tokens that are named as gaining, and as losing. */
const NAMED = 12;

export interface TokenChange {
  readonly token: string;
  /** how often it stands in chosen and in rejected responses */
  readonly inChosen: number;
  readonly inRejected: number;
  /** mean of log π - log π_ref over these, nats */
  readonly mean: number;
  /** their sum */
  readonly sum: number;
}

/** How the log-prob of each token of the responses has changed since the reference. */
export interface TokenChanges {
  /** [places] mean change of the k-th token, nats, over the responses that are so long */
  readonly chosen: Float64Array;
  readonly rejected: Float64Array;
  /** tokens, and how many of them became less likely */
  readonly counts: { readonly chosen: number; readonly chosenFell: number; readonly rejected: number; readonly rejectedFell: number };
  /** by their sums, the largest first; none where the file does not name its tokens */
  readonly gained: readonly TokenChange[];
  readonly lost: readonly TokenChange[];
}

type Side = 'chosen' | 'rejected';

/** Adds up the changes of tokens, response by response. */
export class TokenTally {
  readonly #sums = { chosen: new Float64Array(placesTold), rejected: new Float64Array(placesTold) };
  readonly #counts = { chosen: new Float64Array(placesTold), rejected: new Float64Array(placesTold) };
  readonly #all = { chosen: 0, chosenFell: 0, rejected: 0, rejectedFell: 0 };
  readonly #tokens = new Map<string, { chosen: number; rejected: number; sum: number }>();

  /** @param tokens what each is; null where it is not told */
  add(side: Side, now: readonly number[], before: readonly number[], tokens: readonly string[] | null): void {
    if (now.length !== before.length) return;
    const [sums, counts] = [this.#sums[side], this.#counts[side]];
    for (const [place, logp] of now.entries()) {
      const change = logp - (before[place] ?? Number.NaN);
      if (!Number.isFinite(change)) continue;
      this.#all[side]++;
      if (change < 0) this.#all[`${side}Fell`]++;
      if (place < placesTold) {
        sums[place] = (sums[place] ?? 0) + change;
        counts[place] = (counts[place] ?? 0) + 1;
      }
      const token = tokens?.length === now.length ? tokens[place] : undefined;
      if (token === undefined || (this.#tokens.size >= MOST_TOKENS && !this.#tokens.has(token))) continue;
      const entry = this.#tokens.get(token) ?? { chosen: 0, rejected: 0, sum: 0 };
      this.#tokens.set(token, entry);
      entry[side]++;
      entry.sum += change;
    }
  }

  /** null where no response was added */
  take(): TokenChanges | null {
    const means = (side: Side): Float64Array => {
      const places = this.#counts[side].findLastIndex((count) => count > 0) + 1;
      return Float64Array.from({ length: places }, (_, k) => (this.#sums[side][k] ?? 0) / (this.#counts[side][k] ?? 0));
    };
    if (this.#all.chosen + this.#all.rejected === 0) return null;
    const changes = [...this.#tokens]
      .map(([token, { chosen, rejected, sum }]) => ({
        token,
        inChosen: chosen,
        inRejected: rejected,
        mean: sum / (chosen + rejected),
        sum,
      }))
      .sort((a, b) => b.sum - a.sum);
    return {
      chosen: means('chosen'),
      rejected: means('rejected'),
      counts: this.#all,
      gained: changes.filter(({ sum }) => sum > 0).slice(0, NAMED),
      lost: changes
        .filter(({ sum }) => sum < 0)
        .slice(-NAMED)
        .reverse(),
    };
  }
}
