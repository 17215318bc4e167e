import { ExpressionError, ObjectiveError } from '../../core/errors.ts';
import { derivativesBy } from '../../core/expression/differentiate.ts';
import type { Expression } from '../../core/expression/expression.ts';
import { toFunction, toProgram } from '../../core/expression/program.ts';
import { pairColumns } from '../../objectives/inputs.ts';
import { expandChoice } from '../../objectives/resolve.ts';
import { partsOfLoss } from '../../objectives/typed.ts';
import { columnOf, type PageChoice, type PairState } from './objective-view.ts';

/** Pairs to start from where the view's own is not known: the loss must be finite at one of them. Log-probs in nats. */
const usualStarts: readonly PairState[] = [
  [-1.1, -2.3],
  [-0.35, -1.9],
  [-3.2, -0.6],
  [-12.7, -15.4],
].map(([refChosen = 0, refRejected = 0]) => ({ refChosen, refRejected, chosen: refChosen, rejected: refRejected }));

type Values = Readonly<Record<string, number>>;

/** The float64 values of expressions at the reference. */
function valuesAt(expressions: readonly Expression[], parameters: Values, state: PairState): number[] {
  const pair = { ...state, chosen: state.refChosen, rejected: state.refRejected };
  const columns = Object.fromEntries(pairColumns.map((name) => [name, columnOf(name, pair)]));
  const inputs = { ...columns, logp_w: pair.chosen, logp_l: pair.rejected };
  const program = toProgram(expressions);
  const registers = toFunction(program, Object.keys(inputs), Object.keys(parameters))(Object.values(inputs), Object.values(parameters));
  return program.outputs.map((index) => registers[index] ?? Number.NaN);
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
  const { loss, values } = expandChoice(choice);
  const starts = start ? [start] : usualStarts;
  const outputs = measures.map(([, of]) => of()(loss));
  if (starts.some((state) => valuesAt(outputs, values, state).every(isFinite32))) return;
  const [state = usualStarts[0] as PairState] = starts;
  const index = valuesAt(outputs, values, state).findIndex((value) => !isFinite32(value));
  const [what, of] = measures[index] ?? ['', () => (e: Expression) => e];
  const problem = (value: number): string => {
    const at = `with logp_w = ${state.refChosen.toPrecision(3)} and logp_l = ${state.refRejected.toPrecision(3)}`;
    const kind = Number.isNaN(value) ? 'not a number' : 'too large to compute with';
    return `Where training starts, ${at}, ${what === '' ? 'this' : `${what}of this`} is ${kind}. A loss must be finite there.`;
  };
  if (!('expression' in choice)) {
    const [value = Number.NaN] = valuesAt([of()(loss)], values, state);
    throw new ObjectiveError(`With these parameters: ${problem(value)}`);
  }
  const text = choice.expression;
  const parts = partsOfLoss(text);
  const derive = of();
  const found = valuesAt(
    parts.map(({ e }) => derive(e)),
    values,
    state,
  );
  const bad = found.findIndex((value) => !isFinite32(value));
  const { from, to } = parts[bad] ?? { from: 0, to: text.length };
  throw new ExpressionError(text, from, to, problem(found[bad] ?? Number.NaN));
}
