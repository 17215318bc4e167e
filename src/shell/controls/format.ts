/** Numbers as a reader meets them: a true minus sign, a fixed number of decimals, and never a value that is not one. */

const minus = '\u2212';
const thin = '\u202f';

/** Fixed decimals with a true minus sign; '–' for a value that is not finite. -0.00 reads 0.00. */
export function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? minus + text : text;
}

/** Decimals that tell values apart that lie this far from one another: two, none where that is 20 or more, and up to eight. */
export const decimalsFor = (span: number): number =>
  span >= 20 ? 0 : span > 0 ? Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(span)))) : 2;

/** A value beside others that lie this far from it; two decimals at least below ten, where none would read as zero. */
export const fixedBeside = (value: number, span: number): string => fixed(value, Math.max(Math.abs(value) < 10 ? 2 : 0, decimalsFor(span)));

/** As `fixed`, with a plus sign for a value above zero. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return value > 0 && Number.isFinite(value) && Number(value.toFixed(decimals)) !== 0 ? `+${text}` : text;
}

/** A probability in percent: one decimal, two below 1 %, '<0.01 %' for what would read as zero. */
export function percent(probability: number): string {
  if (!Number.isFinite(probability)) return '–';
  const value = probability * 100;
  if (value < 0.01) return `<0.01${thin}%`;
  if (value > 99.95 && value < 100) return `>99.9${thin}%`;
  // 0.996 would round to 1.00 with two decimals, which promises more digits than its neighbours have.
  return `${value.toFixed(value < 0.995 ? 2 : 1)}${thin}%`;
}

/** The change of a probability in percentage points. */
export function percentagePoints(change: number): string {
  return `${signed(change * 100, 1)}\u202fpp`;
}

/** Nats with two decimals, three below 0.1 and none from 1000, powers of ten below a thousandth. */
export function nats(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return `${scientific(value)}\u00a0nats`;
  const decimals = Math.abs(value) < 0.0995 ? 3 : Math.abs(value) < 1000 ? 2 : 0;
  return `${fixed(value, decimals)}\u00a0nats`;
}

/** A setting, with as few digits as it needs. */
export function setting(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Three significant digits, with powers of ten where the number is very small or large. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1000)) return scientific(value);
  return fixed(value, size === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size))));
}

/** A small positive number as 3.1e-7, written with powers: 3.1·10⁻⁷. */
export function scientific(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  if (Math.abs(value) >= 0.01 && Math.abs(value) < 1000) return fixed(value, 2);
  const [mantissa = '', exponent = ''] = value.toExponential(1).split('e');
  const powers = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const digits = [...exponent.replace(/[+-]/, '')].map((digit) => powers[Number(digit)]).join('');
  return `${mantissa.replace('-', minus)}·10${exponent.startsWith('-') ? '⁻' : ''}${digits}`;
}

const greek: Readonly<Record<string, string>> = {
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  Delta: 'Δ',
  epsilon: 'ε',
  varepsilon: 'ε',
  zeta: 'ζ',
  eta: 'η',
  theta: 'θ',
  kappa: 'κ',
  lambda: 'λ',
  mu: 'μ',
  nu: 'ν',
  xi: 'ξ',
  rho: 'ρ',
  sigma: 'σ',
  tau: 'τ',
  phi: 'φ',
  psi: 'ψ',
  omega: 'ω',
};

/** A symbol's TeX in one line of text, for labels: `\\beta` reads β, `\\gamma_{1}` reads γ1. */
export const symbolText = (tex: string): string =>
  tex
    .replaceAll(/\\mathrm\{([^}]*)\}/g, '$1')
    .replaceAll(/\\([a-z]+)/gi, (_, name: string) => greek[name] ?? name)
    .replaceAll(/[{}_\\]/g, '');
