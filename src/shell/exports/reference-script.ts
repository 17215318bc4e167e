import { list, matrix, number } from '../../core/python-literals.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import type { Sync } from '../../train/own-reference.ts';

type Tensors = PolicyDefinition['parameters'];

/**
 * Lines of a script whose reference is another policy, or moves: its parameters; `as_reference(compute)`, what something gives with them in
 * place of the policy's; and, where it moves, `move_reference(updates)`, which says whether it has moved.
 */
export function referenceHolder(parameters: Tensors, given: Tensors | null, follow: Sync | null): string[] {
  return [
    `PARAMETERS = ${list(parameters.map(({ name }) => name.toUpperCase()))}`,
    ...(given
      ? [
          '# the parameters of the reference, which is another policy',
          `REFERENCE_PARAMETERS = ${list(given.map(({ values, width }) => `torch.tensor(${matrix(values, width)}, dtype=torch.float64)`))}`,
        ]
      : ['# those of the reference', 'REFERENCE_PARAMETERS = [tensor.detach().clone() for tensor in PARAMETERS]']),
    ...(follow ? [`SYNC_STEPS, ALPHA = ${follow.every}, ${number(follow.share)}  # how often it follows the policy, and how far`] : []),
    '',
    '',
    'def as_reference(compute):',
    '    """What `compute` gives with the parameters of the reference in place of the policy\'s."""',
    '    with torch.no_grad():',
    '        own = [tensor.clone() for tensor in PARAMETERS]',
    '        for tensor, value in zip(PARAMETERS, REFERENCE_PARAMETERS):',
    '            tensor.copy_(value)',
    '        result = compute()',
    '        for tensor, value in zip(PARAMETERS, own):',
    '            tensor.copy_(value)',
    '    return result',
    '',
    '',
    ...(follow
      ? [
          'def move_reference(updates):',
          '    """After every SYNC_STEPS updates the reference moves towards the policy (TR-DPO, arXiv:2404.09656)."""',
          '    if updates % SYNC_STEPS != 0:',
          '        return False',
          '    with torch.no_grad():',
          '        for tensor, value in zip(REFERENCE_PARAMETERS, PARAMETERS):',
          '            tensor.copy_((1 - ALPHA) * tensor + ALPHA * value)',
          '    return True',
          '',
          '',
        ]
      : []),
  ];
}
