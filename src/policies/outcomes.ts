import { assertInteger } from '../core/assertions.ts';
import type { Position, ResponseRules } from './policy.ts';

/** What policies share of which a response is one outcome, and every prompt a context. */

export const outcomeRules = (prompts: number, columns: number): ResponseRules => ({
  prompts,
  columns,
  assertResponse: (path, _prompt, response) => assertInteger(path, response, 0, columns),
});

/** `offsetOf`: the row of the frozen offsets that a prompt adds. */
export const outcomePositions =
  (offsetOf: (prompt: number) => number = () => 0) =>
  (prompt: number, response: readonly number[]): Position[] =>
    response.map((token) => ({ context: prompt, token, offset: offsetOf(prompt) }));
