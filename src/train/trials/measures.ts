import { entropy, expectedReward, klDivergence } from '../../core/exact.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';

/** What a measure is taken from: a run before its first update and after its last. */
export interface Ends {
  /** null where nobody needs it; without log-probs of pairs where the last stage of a run has other pairs than its first */
  readonly start: RecordedStep | null;
  readonly end: RecordedStep;
  /** [prompts, K] true rewards of the outcomes: those that preferences are generated from, or that are given for samples */
  readonly rewards: readonly (readonly number[])[] | undefined;
  /** size of the vocabulary */
  readonly columns: number;
}

const meanOver = (values: readonly number[], others: readonly number[], of: (value: number, other: number) => number): number =>
  mean(values.map((value, index) => of(value, others[index] ?? Number.NaN)));
const difference = (value: number, other: number): number => value - other;

/** Mean over prompts of a number of their distributions; NaN for a policy over tokens. */
function overPrompts({ outcomeLogps }: RecordedStep, columns: number, of: (logps: readonly number[], prompt: number) => number): number {
  if (!outcomeLogps) return Number.NaN;
  return mean(
    Array.from({ length: outcomeLogps.length / columns }, (_, prompt) =>
      of(outcomeLogps.slice(prompt * columns, (prompt + 1) * columns), prompt),
    ),
  );
}

/** Means over pairs (of the last stage), or over prompts; of groups, the best response counts as chosen and the worst as rejected. */
const measures = {
  loss: ({ end }: Ends) => end.loss,
  chosenLogp: ({ end }: Ends) => mean(end.chosenLogps),
  rejectedLogp: ({ end }: Ends) => mean(end.rejectedLogps),
  margin: ({ end }: Ends) => meanOver(end.chosenLogps, end.rejectedLogps, difference),
  chosenLogpChange: ({ start, end }: Ends) => meanOver(end.chosenLogps, start?.chosenLogps ?? [], difference),
  rejectedLogpChange: ({ start, end }: Ends) => meanOver(end.rejectedLogps, start?.rejectedLogps ?? [], difference),
  /** share of pairs whose chosen answer is the more probable one; half for a tie */
  accuracy: ({ end }: Ends) => meanOver(end.chosenLogps, end.rejectedLogps, (chosen, rejected) => (1 + Math.sign(chosen - rejected)) / 2),
  /** nats */
  entropy: ({ end, columns }: Ends) => overPrompts(end, columns, (logps) => entropy(logps)),
  /** KL(π ‖ π at the start), nats */
  klToStart: ({ start, end, columns }: Ends) =>
    overPrompts(end, columns, (logps, prompt) =>
      klDivergence(logps, start?.outcomeLogps?.slice(prompt * columns, (prompt + 1) * columns) ?? []),
    ),
  /** by the true rewards of the experiment's `data`, or of its samples */
  expectedReward: ({ end, columns, rewards }: Ends) =>
    overPrompts(end, columns, (logps, prompt) => expectedReward(logps, rewards?.[prompt] ?? [])),
  /** probability of the most probable outcome */
  peak: ({ end, columns }: Ends) => overPrompts(end, columns, (logps) => Math.exp(Math.max(...logps))),
} as const satisfies Record<string, (ends: Ends) => number>;

export type Measure = keyof typeof measures;

/** Every measure that trials can give. */
export const measureNames: readonly Measure[] = Object.keys(measures) as Measure[];

export const isMeasure = (name: string): name is Measure => Object.hasOwn(measures, name);

export const measure = (name: Measure, ends: Ends): number => measures[name](ends);
