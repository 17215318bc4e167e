import { word } from '../../../../core/word.ts';

/** Names of the powers of ten on an axis of probabilities; those without one have a line only. */
const names = [word('always'), '1 in 10', '1 in 100', '1 in 1,000', '', '', '1 in 10⁶', '', '', '1 in 10⁹'];

export interface LogTick {
  /** the power of ten, counted downwards */
  readonly power: number;
  readonly text: string;
}

/** An axis from certainty down to the smallest of these log-probabilities (nats): its last power of ten and the ticks that have room. */
export function logAxis(least: number, height: number): { readonly powers: number; readonly ticks: readonly LogTick[] } {
  const powers = Math.min(300, Math.max(2, Math.ceil(-least / Math.LN10)));
  const every = Math.max(1, Math.ceil((powers * 20) / height));
  const ticks: LogTick[] = [];
  for (let power = 0; power <= powers; power += every)
    ticks.push({ power, text: names[power] ?? (power % (3 * every) === 0 ? `1 in 10${superscript(power)}` : '') });
  return { powers, ticks };
}

const superscript = (power: number): string => [...String(power)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
