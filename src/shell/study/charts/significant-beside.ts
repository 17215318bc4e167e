import { significant } from '../../controls/format.ts';

/** Three significant digits; a value that rounding leaves of 0, beside others of this size, reads 0. */
export const significantBeside = (value: number, size: number): string => significant(Math.abs(value) < 1e-5 * size ? 0 : value);
