import { toFunction, toProgram } from '../../src/core/expression/program.ts';
import { pairColumns } from '../../src/objectives/inputs.ts';
import type { TypedLoss } from '../../src/objectives/text/typed.ts';

const inputs = ['logp_w', 'logp_l', ...pairColumns];
/** Two points at which no two inputs agree. */
const points = [0.31, -0.17].map((shift) => inputs.map((name, i) => (name.startsWith('len') ? 3 + i : -1 - shift * i - i / 7)));

/** Value and slopes of a loss at both points, to ten digits, its parameters by name. */
export function evaluate({ loss, byChosen, byRejected, parameters }: TypedLoss): number[] {
  const names = Object.keys(parameters).sort();
  const program = toProgram([loss, byChosen, byRejected]);
  const compute = toFunction(program, inputs, names);
  return points.flatMap((point) => {
    const values = compute(
      point,
      names.map((_, i) => 0.2 + 0.1 * i),
    );
    return program.outputs.map((output) => Number((values[output] ?? Number.NaN).toPrecision(10)));
  });
}
