import { describe, expect, test } from 'vitest';
import { toBlock } from '../../src/core/expression/block.ts';
import {
  binaryOperators,
  call,
  comparisons,
  constant,
  input,
  type Operator,
  parameter,
  unaryOperators,
} from '../../src/core/expression/expression.ts';
import { toFunction, toProgram } from '../../src/core/expression/program.ts';
import { values } from '../../src/core/expression/values.ts';
import { resolveObjective } from '../../src/objectives/resolve.ts';

const awkward = [0, -0, 1, -1, 0.3, -0.7, 1e-300, -1e-17, 40, -40, 800, -800, 2, 0.5, Infinity, -Infinity, Number.NaN];

describe('each operator has the bits of its definition in a block', () => {
  test.each(Object.keys(values) as Operator[])('%s', (operator) => {
    const points = awkward.flatMap((a) => awkward.flatMap((b) => [1, 0].map((c) => [a, b, c] as const)));
    const node =
      operator === 'where'
        ? call('where', call('gt', input('c'), constant(0.5)), input('a'), input('b'))
        : call(operator, ...['a', 'b'].slice(0, (unaryOperators as readonly string[]).includes(operator) ? 1 : 2).map(input));
    const program = toProgram([node]);
    const names = ['a', 'b', 'c'];
    const block = toBlock(program, names, [], points.length);
    for (const [j, point] of points.entries()) for (const [row, x] of point.entries()) block.memory[row * points.length + j] = x;
    block.run(points.length);
    const alone = toFunction(program, names, []);
    const output = program.outputs[0] as number;
    for (const [j, point] of points.entries())
      expect(block.memory[(block.outputs[0] as number) + j], `${operator} of ${point}`).toBe(alone(point, [])[output]);
  });
  test('and none is left out', () =>
    expect(Object.keys(values).sort()).toEqual([...unaryOperators, ...binaryOperators, ...comparisons, 'where'].sort()));
});

test('what is an input, a parameter or a constant itself is an output as it is', () => {
  const block = toBlock(toProgram([input('x'), parameter('p'), constant(3)]), ['x'], ['p'], 2);
  block.memory.set([1, 2], block.inputs[0]);
  block.memory.set([5, 6], block.parameters[0]);
  block.run(2);
  expect(block.outputs.map((at) => [...block.memory.subarray(at, at + 2)])).toEqual([
    [1, 2],
    [5, 6],
    [3, 3],
  ]);
  expect(() => toBlock(toProgram([input('y')]), ['x'], [], 1)).toThrow(/No value was given for 'y'/);
});

test.each(['dpo', 'ipo', 'kto', 'simpo', 'orpo', 'sppo_hard', 'sft'])('%s at many points has the bits of each alone', (name) => {
  const objective = resolveObjective({ name });
  const [inputs, parameters] = [objective.inputs.length, objective.parameterValues];
  const points = [-0.1, -3, -40, 0, Number.NaN].flatMap((w) => [-0.2, -9, -700].map((l) => [w, l] as const));
  const width = points.length + 3;
  const block = objective.block(width);
  const known = (j: number) => Array.from({ length: inputs }, (_, i) => -1.5 + i - 0.1 * j);
  for (const [j, point] of points.entries())
    for (const [row, x] of [...point, ...known(j), ...parameters].entries()) block.given[row * width + j] = x;
  block.evaluate(points.length);
  for (const [j, [w, l]] of points.entries())
    expect({ loss: block.loss[j], byChosen: block.byChosen[j], byRejected: block.byRejected[j] }).toEqual(
      objective.evaluate(w, l, known(j)),
    );
  const first = [...block.loss];
  block.evaluate(points.length); // a NaN has spoilt nothing
  expect([...block.loss]).toEqual(first);
});
