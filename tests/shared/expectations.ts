import type { ObjectiveChoice } from '../../src/index.ts';
import golden from '../golden/online_losses.json';

/** What autograd gives of a loss over all groups that could be drawn on a small outcome space. */
export interface Expectation {
  objective: Extract<ObjectiveChoice, { name: string }>;
  /** responses in a group */
  n: number;
  /** of the law of the opponents, half of them */
  mixtureCoef?: number;
  /** by the logits, of the mean loss over all groups of n */
  gradient: number[];
  /** the same in closed form */
  exact?: number[];
}
/** Logits of the policy and of the reference, and the reward of each outcome. */
export const { policy, reference, rewards } = golden.expectations;
export const expectations = golden.expectations.methods as Expectation[];

/** The law that logits give, apart from the page's own softmax. */
export const lawOf = (logits: readonly number[]): number[] => {
  const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
  return logits.map((x) => Math.exp(x) / total);
};
