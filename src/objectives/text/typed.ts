import { ExpressionError } from '../../core/errors.ts';
import { derivativesBy } from '../../core/expression/differentiate.ts';
import { type Expression, inputsOf, isConstant, nodesOf, parametersOf } from '../../core/expression/expression.ts';
import { type LinePart, parse } from '../../core/expression/parse.ts';
import { usualSpelling } from '../aliases.ts';
import { slopesOf } from '../compile.ts';
import { needsOf } from '../define.ts';
import { objectiveNamesInText, type PairInput, scoresSpelt, withScores } from '../inputs.ts';
import type { Need, ObjectiveParameter } from '../objective.ts';
import { beta, labelSmoothing, real } from '../parameters.ts';

/** A loss of pairs that a reader typed. */
export interface TypedLoss {
  readonly over: 'pairs';
  readonly text: string;
  readonly loss: Expression;
  /** d loss / d logp_w and d loss / d logp_l */
  readonly byChosen: Expression;
  readonly byRejected: Expression;
  readonly parameters: Readonly<Record<string, ObjectiveParameter>>;
  readonly inputs: readonly PairInput[];
  readonly needs: readonly Need[];
}

/** Usual values of the field's usual symbols; what is not listed starts at 1. */
const usual: Readonly<Record<string, Pick<ObjectiveParameter, 'default' | 'min' | 'max'>>> = {
  beta: beta(),
  epsilon: labelSmoothing(0.1),
  labelSmoothing: labelSmoothing(0.1),
  tau: { default: 0.1, min: 0.01, max: 5 },
  gamma: { default: 0.5, min: 0, max: 5 },
  delta: { default: 1, min: 0, max: 5 },
  alpha: { default: 1, min: 0, max: 5 },
  lambda: { default: 1, min: 0, max: 10 },
  eta: { default: 1, min: 0, max: 10 },
};
const greek =
  /^(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega)(\d*)$/;

/** What is shown of a parameter that a reader typed. */
export function parameterOf(name: string): ObjectiveParameter {
  const spelt = usualSpelling(name);
  const known = Object.hasOwn(usual, spelt) ? usual[spelt] : undefined;
  const [, letter, digits] = greek.exec(name) ?? [];
  return {
    default: known?.default ?? 1,
    min: known?.min ?? 0,
    max: known?.max ?? 10,
    valid: real,
    tex: letter ? `\\${letter}${digits ? `_{${digits}}` : ''}` : name.length === 1 ? name : `\\mathrm{${name.replaceAll('_', '\\_')}}`,
    description: 'A parameter of your expression.',
  };
}

/** The operations of a line that can be read, the innermost first. */
export function partsOfLoss(text: string): readonly LinePart[] {
  const parts: LinePart[] = [];
  const spelt = scoresSpelt('reverse_kl');
  parse(text, objectiveNamesInText, (part) => parts.push({ ...part, e: spelt(part.e) }));
  return parts;
}

/**
 * Most values that a typed loss and its two slopes may take to compute: each is a statement of the shader, and a step of every point of a
 * chart. The catalogue's losses have at most 81.
 */
export const maxValues = 1000;

/** The innermost part of a line with which it takes more than `maxValues` values; the whole line if no part does alone. */
function longPart(text: string): Pick<LinePart, 'from' | 'to'> {
  const slopes = [derivativesBy('logp_w'), derivativesBy('logp_l')];
  const seen = new Set<Expression>();
  const visit = (e: Expression): void => {
    if (seen.has(e)) return;
    seen.add(e);
    if (e.kind === 'call') e.args.forEach(visit);
  };
  for (const { e, from, to } of partsOfLoss(text)) {
    for (const value of [e, ...slopes.map((by) => by(e))]) visit(value);
    if (seen.size > maxValues) return { from, to };
  }
  return { from: 0, to: text.length };
}

/** Reads a loss of pairs. Throws an ExpressionError with the columns and the fix. */
export function readLoss(text: string): TypedLoss {
  const loss = withScores(parse(text, objectiveNamesInText), 'reverse_kl');
  const { byChosen, byRejected } = slopesOf(loss);
  if (isConstant(byChosen, 0) && isConstant(byRejected, 0))
    throw new ExpressionError(
      text,
      0,
      text.length,
      'The loss depends on neither logp_w nor logp_l, so nothing would be trained. Use one of them, or margin.',
    );
  if (nodesOf(loss, byChosen, byRejected).length > maxValues) {
    const { from, to } = longPart(text);
    throw new ExpressionError(
      text,
      from,
      to,
      `Up to here the loss and its slopes have more than ${maxValues} names, numbers and operations. Shorten it: fewer factors, quotients and powers.`,
    );
  }
  const inputs = inputsOf(loss) as PairInput[];
  return {
    over: 'pairs',
    text,
    loss,
    byChosen,
    byRejected,
    parameters: Object.fromEntries(parametersOf(loss).map((name) => [name, parameterOf(name)])),
    inputs,
    needs: needsOf(inputs),
  };
}
