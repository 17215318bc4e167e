import type { Range } from '../../core/range.ts';
import type { BigramHyperparameters, TokenLimits } from '../../data/bigram-experiment.ts';
import { keptRows } from '../../shell/files/kept-rows.ts';
import type { PageChoice } from '../../shell/losses/objective-view.ts';

export interface PairsLimits extends TokenLimits {
  /** pairs used, from the beginning of the file */
  maxPairs: number;
}

export interface PairsHyperparameters extends BigramHyperparameters {
  objective: PageChoice;
}

export interface PairsSettings extends PairsLimits, PairsHyperparameters {}

export const pairsRanges: Readonly<Record<Exclude<keyof PairsSettings, 'objective'>, Range>> = {
  maxPairs: { min: 1, max: keptRows, logarithmic: true, integer: true },
  maxTokens: { min: 1, max: 128, logarithmic: true, integer: true },
  maxWords: { min: 2, max: 2047, logarithmic: true, integer: true },
  learningRate: { min: 0.01, max: 1000, logarithmic: true, integer: false },
  steps: { min: 1, max: 500, logarithmic: true, integer: true },
};

export const defaultLimits: PairsLimits = { maxPairs: 200, maxTokens: 48, maxWords: 255 };
/** With these, a few hundred pairs move visibly within the steps. The loss is a mean over pairs: hence the large rate. */
export const defaultHyperparameters: PairsHyperparameters = {
  objective: { name: 'dpo', params: { beta: 0.1 } },
  learningRate: 10,
  steps: 60,
};
export const defaultPairs: PairsSettings = { ...defaultLimits, ...defaultHyperparameters };
