import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** The text of a shader without comments and indentation; lines keep their numbers, and directives (`//#`) their place. */
export const shortenShader = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/\/\/(?!#).*$/, '').trim())
    .join('\n');

/** Shaders travel without what only their readers need. */
export const shortShaders = (): Plugin => ({
  name: 'short-shaders',
  apply: 'build',
  enforce: 'pre',
  load(id) {
    const [, file] = /^(.*\.wgsl)\?raw$/.exec(id) ?? [];
    return file ? `export default ${JSON.stringify(shortenShader(readFileSync(file, 'utf8')))};` : null;
  },
});
