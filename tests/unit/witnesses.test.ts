import { expect, test } from 'vitest';
import { input } from '../../src/core/expression/expression.ts';
import { parse } from '../../src/core/expression/parse.ts';
import { toProgram } from '../../src/core/expression/program.ts';
import { witnessesOf } from '../../src/core/expression/witnesses.ts';
import { objectives } from '../../src/objectives/catalogue.ts';
import { resolveObjective } from '../../src/objectives/resolve.ts';
import { randomStream } from '../shared/random-expressions.ts';

const usual = [-0.1, -1, -3, -0.7, -12, -40];
const awkward = [...usual, 0, -0, 700, -800, 1e10, -1e29, 1e31, -1e160, 1e300, -1e-300, Infinity, -Infinity, Number.NaN];

test.each(objectives.map(({ id }) => id))('%s: slopes alone have the bits that they have with the loss, which is a number there', (id) => {
  const objective = resolveObjective({ name: id });
  const { inputs, parameterValues } = objective;
  const random = randomStream(7);
  const pick = (values: readonly number[]) => values[Math.floor(random() * values.length)] as number;
  const width = 8;
  const block = objective.block(width);
  const rows = 2 + inputs.length;
  for (const [row, value] of parameterValues.entries()) block.given.fill(value, (rows + row) * width, (rows + row + 1) * width);
  let alone = 0;
  for (let round = 0; round < 400; round++) {
    const from = round % 2 ? awkward : usual;
    const count = 1 + (round % width);
    for (let row = 0; row < rows; row++) {
      const isLength = inputs[row - 2]?.includes('len') ?? false;
      for (let j = 0; j < count; j++) block.given[row * width + j] = isLength ? Math.abs(pick(from)) : pick(from);
    }
    const isNumber = block.evaluateSlopes(count);
    if (!isNumber) continue;
    alone++;
    const own = [[...block.slopes.byChosen.subarray(0, count)], [...block.slopes.byRejected.subarray(0, count)]];
    block.evaluate(count);
    expect(own).toEqual([[...block.byChosen.subarray(0, count)], [...block.byRejected.subarray(0, count)]]);
    for (const loss of block.loss.subarray(0, count)) expect(Math.abs(loss)).toBeLessThan(1e200);
  }
  expect(alone).toBeGreaterThan(10); // usual numbers have no need of the loss
});

test('what cannot be bounded, or not without its being computed, is a witness itself', () => {
  const names = { inputs: ['x', 'y'], shorthands: {} };
  const of = (text: string) => {
    const program = toProgram([parse(text, names)]);
    const witnesses = witnessesOf(program, program.outputs[0] as number, []);
    return witnesses?.map((index) => program.instructions[index]);
  };
  expect(of('-logsigmoid(x) + 2 * y')).toEqual([input('y'), input('x')]);
  expect(of('exp(x) - y')).toMatchObject([{ operator: 'exp' }, input('y')]);
  expect(of('square(square(square(x)))')).toBeUndefined(); // up to 1e240
  expect(of('3')).toEqual([]);
});
