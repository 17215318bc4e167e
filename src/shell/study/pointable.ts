import type { Study } from '../../atlas/study.ts';

/**
 * The formula with each symbol of a parameter in a class of its own, so that pointing at it lights its control. A symbol is a command
 * (`\beta`) or a single letter; letters within commands, words (`\mathrm{...}`, `\text{...}`) and names (`\begin{...}`) are none.
 */
export function pointable(tex: string, parameters: Study['parameters']): string {
  const bySymbol = new Map(Object.entries(parameters).map(([name, { symbol }]) => [symbol, name]));
  return tex.replaceAll(/\\(?:mathrm|text|operatorname|begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+(?:_\{?\w\}?)?|[A-Za-z](?:_\w)?/g, (token) => {
    const name = bySymbol.get(token) ?? bySymbol.get(token.replace(/_\{?\w\}?$/, ''));
    return name === undefined ? token : `\\class{symbol symbol-${name}}{${token}}`;
  });
}
