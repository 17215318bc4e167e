import { PrefscopeError } from '../../core/errors.ts';
import type { CheckedWork, Twin } from './checked-work.ts';
import { suspectIn } from './suspect-work.ts';

/** The GPU gave NaN or an infinity where the float64 CPU engine has numbers. */
export class NumbersError extends PrefscopeError {
  override readonly name = 'NumbersError';
}

/** Log-probs beyond this are about to overflow on any engine, in nats. */
const moderate = 1e4;

/** Rejects with a NumbersError where the GPU's work has NaN or infinities in its first states and the CPU engine's has numbers there. */
export async function assertNumbers(work: CheckedWork, openTwin: () => Promise<Twin>): Promise<void> {
  const found = await suspectIn(work, openTwin).catch(() => null); // where the CPU engine fails, nothing is known of the GPU
  if (!found) return;
  const { actual, expected, where } = found;
  const differing = Array.from(actual).flatMap((number, i) =>
    Object.is(number, expected[i]) ? [] : [{ number, other: expected[i] ?? Number.NaN }],
  );
  // One number beyond the range is enough: the others of that state may well be 0 in float64 and NaN in float32.
  if (differing.some(({ other }) => !(Math.abs(other) < moderate))) return;
  if (differing.some(({ number }) => !Number.isFinite(number)))
    throw new NumbersError(
      `At ${where} it gave NaN or infinity where the float64 CPU engine has finite numbers: a fault of the GPU or its driver, or a number beyond float32’s range.`,
    );
}
