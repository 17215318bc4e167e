import type { FusedForm, PolicyDefinition } from './policy.ts';

/** Whether policies like this one can stand in a stack. */
export const canStack = ({ fused, offsets, response }: PolicyDefinition): boolean => fused !== null && !offsets && response === 'outcome';

/** Policies with one fused form as one policy: prompts, contexts and tensors stand one policy after the other. A policy alone stays as it is. */
export function stackPolicies(policies: readonly PolicyDefinition[]): PolicyDefinition {
  const [first] = policies as readonly [PolicyDefinition];
  if (policies.length === 1) return first;
  const { prompts, contexts } = first;
  return {
    ...first,
    prompts: policies.length * prompts,
    contexts: policies.length * contexts,
    parameters: first.parameters.map((tensor, index) => ({
      ...tensor,
      values: Float64Array.from(policies.flatMap(({ parameters }) => [...(parameters[index]?.values ?? [])])),
    })),
    positions: (prompt, response) => {
      const own = Math.floor(prompt / prompts);
      return first.positions(prompt % prompts, response).map((position) => ({ ...position, context: own * contexts + position.context }));
    },
    passes: (first.fused as FusedForm).stacked(policies.length),
  };
}
