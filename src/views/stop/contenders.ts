import type { PageChoice } from '../../shell/losses/objective-view.ts';

/** A loss that is trained beside the others. */
export interface Contender {
  /** of the catalogue, with every parameter that `line` shows */
  readonly objective: PageChoice;
  readonly name: string;
  /**
   * The loss in one short line. “No” and “Never” are their probabilities, “gap” is how far log No − log Never has grown since the start,
   * “No’s fall” how far log No is below its start.
   */
  readonly line: string;
}

/** Eight ways to ask for No over Never: of the gap alone, with a pull on No besides, and of the two probabilities themselves. */
export const contenders: readonly Contender[] = [
  { objective: { name: 'dpo', params: { beta: 0.1 } }, name: 'DPO', line: '−log σ(0.1 × gap)' },
  { objective: { name: 'hinge', params: { beta: 0.1 } }, name: 'Hinge', line: 'max(0, 1 − 0.1 × gap)' },
  { objective: { name: 'ipo', params: { beta: 0.1 } }, name: 'IPO', line: '(gap − 5)²' },
  { objective: { name: 'simpo', params: { beta: 2, gamma: 0.5 } }, name: 'SimPO', line: '−log σ(2 log(No ÷ Never) − 0.5)' },
  {
    objective: { name: 'rpo', params: { beta: 0.1, alpha: 0.1 } },
    name: 'DPO + likelihood',
    line: '−log σ(0.1 × gap) − 0.1 log No',
  },
  { objective: { name: 'orpo', params: { lambda: 0.1 } }, name: 'ORPO', line: '−log No − 0.1 log σ(log odds ratio)' },
  {
    objective: { name: 'dpop', params: { beta: 0.1, lambda: 50 } },
    name: 'DPOP (Smaug)',
    line: '−log σ(0.1 × gap − 5 × No’s fall)',
  },
  { objective: { name: 'simper', params: {} }, name: 'SimPER', line: 'Never − No' },
];

/** What a reader's own loss begins as: DPO, and a pull on No where it is below its start. */
export const exampleLoss: PageChoice = {
  expression: '-logsigmoid(beta * margin) + lambda * relu(ref_w - logp_w)',
  params: { beta: 0.1, lambda: 0.3 },
};
