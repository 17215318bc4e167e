import { fixed, scientific } from '../shell/controls/format.ts';

/** A number that the notebook computed, and what it must be. */
export type Check = {
  /** what was measured, in words; its unit in brackets */
  readonly what: string;
  readonly measured: number;
  /** where the tolerance or the bound comes from */
  readonly because: string;
} & ({ readonly expected: number; readonly within: number } | { readonly atMost: number } | { readonly atLeast: number });

/** NaN never holds. */
export function holds(check: Check): boolean {
  const { measured } = check;
  if ('expected' in check) return Math.abs(measured - check.expected) <= check.within;
  return 'atMost' in check ? measured <= check.atMost : measured >= check.atLeast;
}

/** As many decimals as the tolerance distinguishes, and one more; powers of ten where that would be many. */
function textOf(value: number, within: number): string {
  const decimals = within > 0 ? Math.max(0, 1 - Math.floor(Math.log10(within))) : Number.isInteger(value) ? 0 : 6;
  return decimals <= 9 ? fixed(value, decimals) : scientific(value);
}

/** A check as the table prints it. */
export function checkTexts(check: Check): { measured: string; expected: string } {
  if ('expected' in check) {
    const { measured, expected, within } = check;
    return {
      measured: textOf(measured, within),
      expected: within > 0 ? `${textOf(expected, within)} ± ${scientific(within)}` : `exactly ${textOf(expected, within)}`,
    };
  }
  const bound = 'atMost' in check ? check.atMost : check.atLeast;
  const text = (value: number) => (Number.isInteger(value) && Math.abs(value) < 1e6 ? fixed(value, 0) : scientific(value));
  return { measured: text(check.measured), expected: `${'atMost' in check ? '≤' : '≥'} ${text(bound)}` };
}
