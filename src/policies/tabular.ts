import { assertMatrix } from '../core/assertions.ts';
import type { TabularPolicy } from '../core/experiment.ts';
import { outcomePositions, outcomeRules } from './outcomes.ts';
import type { PolicyKind } from './policy.ts';
import { tableForm } from './table-form.ts';

export const tabularKind: PolicyKind<TabularPolicy> = {
  validate: ({ logits }) => outcomeRules(...assertMatrix('policy.logits', logits)),
  define: ({ logits }) => ({
    ...tableForm('logits', logits, 'tabular'),
    prompts: logits.length,
    response: 'outcome',
    offsets: null,
    positions: outcomePositions(),
  }),
  python: () => ({ words: 'one free logit for each prompt and answer', logits: 'LOGITS', context: 'prompt' }),
};
