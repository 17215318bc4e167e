import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { shortenShader } from '../../src/build/short-shaders.ts';

const folder = resolve('shaders');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.wgsl'));

test.each(files)('%s travels without comments and indentation, each line in its place', (file) => {
  const text = readFileSync(resolve(folder, file), 'utf8');
  expect(text).not.toContain('/*'); // comments of blocks would have to be taken out, too
  const [long, short] = [text.split('\n'), shortenShader(text).split('\n')];
  expect(short.length).toBe(long.length);
  for (const [index, line] of short.entries()) {
    expect(long[index]).toContain(line);
    const rest = (long[index] ?? '').trim().slice(line.length).trim();
    expect(rest === '' || rest.startsWith('//')).toBe(true);
    if (rest !== '') expect(rest.startsWith('//#')).toBe(false);
  }
});
