import { readFileSync } from 'node:fs';

const theme = readFileSync('src/shell/theme.css', 'utf8');

export type Colour = readonly [red: number, green: number, blue: number];

/** A colour of six hexadecimal digits. */
export function hexColour(text: string): Colour {
  const [, red, green, blue] = (/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text) ?? []).map((digits) =>
    Number.parseInt(digits, 16),
  );
  if (red === undefined || green === undefined || blue === undefined) throw new Error(`${text} is no colour of six digits.`);
  return [red, green, blue];
}

/** A colour of the page's light theme, by its name in theme.css. */
export function themeColour(name: string): Colour {
  const [, colour] = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}),`).exec(theme) ?? [];
  if (colour === undefined) throw new Error(`theme.css has no colour --${name}.`);
  return hexColour(colour);
}
