import { expect, test } from 'vitest';
import { DeviceLimitError, optimizers, type Policy, resolveObjective } from '../../src/index.ts';
import '../../src/policies/further-kinds.ts';
import { definePolicy } from '../../src/policies/kinds.ts';
import { EnsembleProgram, ensembleCapacity } from '../../src/train/sweep/ensemble.ts';

function program(columns: number, kind: 'sgd' | 'adam' = 'sgd'): EnsembleProgram {
  const optimizer = optimizers.find(({ id }) => id === kind);
  if (!optimizer) throw new Error(`There is no optimiser '${kind}'.`);
  const policy: Policy = { kind: 'tabular', logits: [new Array(columns).fill(0)] };
  return new EnsembleProgram(definePolicy(policy), [[{ prompt: 0, chosen: 0, rejected: 1 }]], resolveObjective({ name: 'dpo' }), optimizer);
}

test('as many runs are packed as the largest of their blocks allows', () => {
  // 8 parameters, 2 reference log-probs, 3 numbers of its clock and how far the chosen answer was down; Adam keeps two more numbers a parameter
  expect(program(8).perRun).toBe(14);
  expect(program(8, 'adam').perRun).toBe(30);
  expect(ensembleCapacity(program(8), { maxStorageLength: 14_000 })).toBe(1000);
  expect(ensembleCapacity(program(8, 'adam'), { maxStorageLength: 14_000 })).toBe(466);
});

test('a run that does not fit is refused with what would', () => {
  const large = program(100_000);
  const refuse = () => ensembleCapacity(large, { maxStorageLength: 50_000 });
  expect(refuse).toThrow(DeviceLimitError);
  const fitting = Number(/About (\d+) parameters would fit/.exec(String(error(refuse)))?.[1]);
  expect(fitting).toBeGreaterThan(10_000);
  // about: what a run keeps besides its parameters is not in proportion to them
  expect(ensembleCapacity(program(Math.floor(0.99 * fitting)), { maxStorageLength: 50_000 })).toBeGreaterThanOrEqual(1);
});

function error(work: () => unknown): unknown {
  try {
    work();
  } catch (reason) {
    return reason;
  }
  return null;
}
