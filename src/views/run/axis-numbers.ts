import type { StackRow, StackSeries } from '../../data/logs/stack.ts';
import { significant } from '../../shell/controls/format.ts';

/** A number beside an axis: three digits, without zeros at its end; a share in percent. */
export function axisNumber(value: number, as: StackRow['as']): string {
  if (!Number.isFinite(value)) return '–';
  if (as === 'percent') return `${Number((100 * value).toPrecision(3))}\u202f%`.replace('-', '−');
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e6) return String(Math.round(value)).replace('-', '−');
  return significant(value)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** What a curve is at a step, or before it; at its end where none is asked for. */
export function valueAt({ steps, values }: StackSeries, step: number | null): number {
  if (step === null) return values.at(-1) ?? Number.NaN;
  const at = steps.findLastIndex((one) => one <= step);
  return values[at] ?? Number.NaN;
}

/** Round and whole steps within a domain, about so many. */
export function stepTicks([low, high]: readonly [number, number], most: number): number[] {
  const rough = (high - low) / most;
  const power = Math.max(1, 10 ** Math.floor(Math.log10(rough)));
  const size = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 10 * power;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / size) * size; tick <= high + size * 1e-9; tick += size) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}
