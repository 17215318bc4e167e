import type { Range } from '../../../core/range.ts';
import { rankCorrelation } from '../../../core/rank-correlation.ts';
import { meanDpoLoss } from '../../../data/logps/margin-summary.ts';
import type { DataResults } from '../../../shell/files/data-jobs.ts';
import { OpenedFile } from '../../../shell/files/opened-file.svelte.ts';
import { readData } from '../../../shell/files/read-data.ts';

export const betaRange: Range = { min: 0.001, max: 5, logarithmic: true, integer: false };

/** The two files of a choice, told apart by their names; or what is wrong with it. */
export function pickArrays<F extends { readonly name: string }>(files: readonly F[]): { chosen: F; rejected: F } | string {
  const named = (side: string) => files.filter(({ name }) => name.toLowerCase().includes(side));
  const [chosen, rejected] = [named('chosen'), named('rejected')];
  const [w, l] = [chosen[0], rejected[0]];
  if (files.length === 2 && w && l && w !== l && chosen.length === 1 && rejected.length === 1) return { chosen: w, rejected: l };
  return 'Choose two files at once, one with “chosen” in its name and one with “rejected”.';
}

/** Numbers of the reader's own model, a row a pair: log-probs, and hidden states. */
export class OwnModel {
  readonly logps = new OpenedFile<DataResults['logps']>();
  readonly hidden = new OpenedFile<DataResults['hidden']>();
  #beta = $state(0.1);

  readonly #loss = $derived.by(() => {
    const reward = this.logps.value?.facts.margins.reward;
    return reward ? meanDpoLoss(reward, this.#beta) : null;
  });

  readonly #changeOfHidden = $derived.by(() => {
    const logps = this.logps.value;
    const change = logps?.facts.margins.chosenChange;
    if (!logps || !change || logps.rowCount !== this.hidden.value?.ches.length) return null;
    const placed = new Float64Array(logps.rowCount).fill(Number.NaN);
    for (const [i, row] of logps.rows.entries()) placed[row] = change[i] ?? Number.NaN;
    return placed;
  });

  readonly #overlaps = $derived.by(() => {
    const [logps, hidden] = [this.logps.value, this.hidden.value];
    if (!logps || !hidden || logps.rowCount !== hidden.ches.length) return null;
    return logps.rows.map((row) => 1 + (hidden.ches[row] ?? Number.NaN) / (hidden.squares[row] ?? Number.NaN));
  });

  /** Spearman's ρ of CHES and those changes; null without them */
  readonly #correlation = $derived.by(() => {
    const [ches, change] = [this.hidden.value?.ches, this.#changeOfHidden];
    if (!ches || !change) return null;
    const known = change.map((value) => Number(!Number.isNaN(value)));
    const where = (values: Float64Array) => values.filter((_, i) => known[i] === 1);
    return rankCorrelation(where(ches), where(change));
  });

  get beta(): number {
    return this.#beta;
  }
  setBeta(beta: number): void {
    this.#beta = beta;
  }
  /** mean DPO loss of the opened log-probs at the present β; null without a reference */
  get loss(): number | null {
    return this.#loss;
  }
  /**
   * [n] changes of log π(y_w) in the order of the hidden states, NaN where the row could not be used; null where the two files do not hold
   * equally many pairs
   */
  get changeOfHidden(): Float64Array | null {
    return this.#changeOfHidden;
  }

  /** [n] ⟨s_w, s_l⟩ ÷ ‖s_w‖² of the pairs of the log-probs; null where the two files do not hold equally many pairs */
  get overlaps(): Float64Array | null {
    return this.#overlaps;
  }

  get correlation(): number | null {
    return this.#correlation;
  }

  openLogps(file: Blob, name: string): void {
    void this.logps.open(name, (options) => readData<'logps'>({ kind: 'logps', file }, options));
  }

  openHidden(files: readonly File[]): void {
    const picked = pickArrays(files);
    if (typeof picked === 'string') this.hidden.refuse(files.map(({ name }) => name).join(', '), picked);
    else
      void this.hidden.open(`${picked.chosen.name} and ${picked.rejected.name}`, (options) =>
        readData<'hidden'>({ kind: 'hidden', ...picked }, options),
      );
  }

  dispose(): void {
    this.logps.cancel();
    this.hidden.cancel();
  }
}
