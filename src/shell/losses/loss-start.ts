import { ExpressionError, ObjectiveError } from '../../core/errors.ts';
import { derivativesBy } from '../../core/expression/differentiate.ts';
import type { Expression } from '../../core/expression/expression.ts';
import { toFunction, toProgram } from '../../core/expression/program.ts';
import { pairColumns } from '../../objectives/inputs.ts';
import { overOf } from '../../objectives/over.ts';
import { partsOfLoss } from '../../objectives/text/typed.ts';
import { onPair } from './group-losses.ts';
import { columnOf, type PageChoice, type PairState } from './objective-view.ts';

/** Pairs to start from where the view's own is not known: the loss must be finite at one of them. Log-probs in nats. */
const usualStarts: readonly PairState[] = [
  [-1.1, -2.3],
  [-0.35, -1.9],
  [-3.2, -0.6],
  [-12.7, -15.4],
].map(([refChosen = 0, refRejected = 0]) => ({ refChosen, refRejected, chosen: refChosen, rejected: refRejected }));

type Values = Readonly<Record<string, number>>;

/** A function that gives the float64 values of expressions at the reference of a pair. */
function valuesAt(expressions: readonly Expression[], parameters: Values): (state: PairState) => number[] {
  const program = toProgram(expressions);
  const compute = toFunction(program, ['logp_w', 'logp_l', ...pairColumns], Object.keys(parameters));
  return ({ refChosen, refRejected, length = 1 }) => {
    const pair = { chosen: refChosen, rejected: refRejected, refChosen, refRejected, length };
    const inputs = [refChosen, refRejected, ...pairColumns.map((name) => columnOf(name, pair))];
    const registers = compute(inputs, Object.values(parameters));
    return program.outputs.map((index) => registers[index] ?? Number.NaN);
  };
}

const isFinite32 = (value: number): boolean => Number.isFinite(Math.fround(value));

/** What must be finite at the start, with what a reader calls it. */
const measures: readonly (readonly [what: string, of: () => (e: Expression) => Expression])[] = [
  ['', () => (e) => e],
  ['the slope by logp_w ', () => derivativesBy('logp_w')],
  ['the slope by logp_l ', () => derivativesBy('logp_l')],
];

/**
 * Throws where a loss, or a slope of it, is no finite float32 number at the reference, where every run starts: an ExpressionError at the
 * part of a typed line that is to blame, else an ObjectiveError. `start` null: the pair is not known, and some usual ones are tried.
 */
export function checkStart(choice: PageChoice, start: PairState | null = null): void {
  const { loss, values } = onPair(choice);
  const starts = start ? [start] : usualStarts;
  const outputsAt = valuesAt(
    measures.map(([, of]) => of()(loss)),
    values,
  );
  if (starts.some((state) => outputsAt(state).every(isFinite32))) return;
  const [state = usualStarts[0] as PairState] = starts;
  const outputs = outputsAt(state);
  const index = outputs.findIndex((value) => !isFinite32(value));
  const [what, of] = measures[index] ?? ['', () => (e: Expression) => e];
  const problem = (value: number): string => {
    const at = `with logp_w = ${state.refChosen.toPrecision(3)} and logp_l = ${state.refRejected.toPrecision(3)}`;
    const kind = Number.isNaN(value) ? 'not a number' : 'too large to compute with';
    return `Where training starts, ${at}, ${what === '' ? 'this' : `${what}of this`} is ${kind}. A loss must be finite there.`;
  };
  if (!('expression' in choice)) throw new ObjectiveError(`With these parameters: ${problem(outputs[index] ?? Number.NaN)}`);
  const text = choice.expression;
  const parts = overOf(choice) === 'pairs' ? partsOfLoss(text) : []; // a loss of groups is to blame as a whole
  const derive = of();
  const found = valuesAt(
    parts.map(({ e }) => derive(e)),
    values,
  )(state);
  const bad = found.findIndex((value) => !isFinite32(value));
  const { from, to } = parts[bad] ?? { from: 0, to: text.length };
  throw new ExpressionError(text, from, to, problem(found[bad] ?? Number.NaN));
}
