import { ExpressionError } from '../errors.ts';

export interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly text: string;
  /** 0-based position in the text, and the position after the last character */
  readonly from: number;
  readonly to: number;
}

/** Longest line that is read. */
export const maxLength = 2000;

const pattern =
  /[^\S\n]+|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z][A-Za-z0-9_]*)|(?<symbol>\*\*|<=|>=|==|!=|[-+*/^(),<>])/y;

const advice: Readonly<Record<string, string>> = {
  '=': "Write the loss alone, without '='; compare with '=='.",
  '[': "Use round parentheses '('.",
  '{': "Use round parentheses '('.",
  '−': "This is a typographic minus; type '-'.",
  '×': "Type '*' to multiply.",
  '·': "Type '*' to multiply.",
  ';': 'A loss is one expression.',
  '\n': 'A loss is one line.',
};

const greek: Readonly<Record<string, string>> = Object.fromEntries(
  'α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta κ kappa λ lambda μ mu ν nu ξ xi π pi ρ rho σ sigmoid τ tau φ phi χ chi ψ psi ω omega'
    .split(' ')
    .flatMap((letter, i, all) => (i % 2 === 0 ? [[letter, `Type '${all[i + 1]}'.`]] : [])),
);

/** Cuts a line of mathematics into tokens; the last is 'end'. Throws an ExpressionError at the first character that fits nowhere. */
export function tokenize(text: string): Token[] {
  if (text.length > maxLength)
    throw new ExpressionError(
      text,
      maxLength,
      text.length,
      `The line has ${text.length} characters; at most ${maxLength} are read. Shorten it.`,
    );
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const from = pattern.lastIndex;
    const found = pattern.exec(text);
    if (!found) {
      const character = String.fromCodePoint(text.codePointAt(from) ?? 0);
      const hint = advice[character] ?? greek[character] ?? 'Use names, numbers, + - * / ^, comparisons and parentheses.';
      throw new ExpressionError(text, from, from + character.length, `${JSON.stringify(character)} cannot stand here. ${hint}`);
    }
    const to = pattern.lastIndex;
    for (const kind of ['number', 'name', 'symbol'] as const)
      if (found.groups?.[kind] !== undefined) tokens.push({ kind, text: found[0], from, to });
  }
  tokens.push({ kind: 'end', text: '', from: text.length, to: text.length });
  return tokens;
}
