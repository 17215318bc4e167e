import { assertMatrix, show } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { Policy } from '../../core/experiment.ts';
import '../../policies/further-kinds.ts';
import { definePolicy, validatePolicy } from '../../policies/kinds.ts';
import type { ResponseRules } from '../../policies/policy.ts';

/** A matrix with a row for each prompt and a number for each outcome. */
export function assertOutcomes(path: string, value: unknown, { prompts, columns }: Pick<ResponseRules, 'prompts' | 'columns'>): void {
  const [rows, width] = assertMatrix(path, value);
  if (rows !== prompts || width !== columns)
    throw new ExperimentError(path, `is [${rows}, ${width}], but the policy is [${prompts}, ${columns}]; make them equal.`);
}

/** The same of a policy of which a response is one outcome, and of what is given for each of its outcomes. */
export function validateOutcomePolicy(policy: Policy, given: Readonly<Record<string, unknown>>): ResponseRules {
  const rules = validatePolicy(policy);
  if (definePolicy(policy).response !== 'outcome')
    throw new ExperimentError('policy.kind', `must be that of a policy over outcomes, such as 'tabular', not ${show(policy.kind)}.`);
  for (const [path, value] of Object.entries(given)) assertOutcomes(path, value, rules);
  return rules;
}
