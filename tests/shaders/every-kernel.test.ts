import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { sources, stems } from './composed.ts';

/** Names of the files that end so in a folder, without the ending. */
const namesIn = (folder: string, ending: string): string[] =>
  readdirSync(resolve(import.meta.dirname, '../..', folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length));

/** Files named after a kernel are written in snake_case, as WGSL is, and all others in kebab-case. */
const isSnakeCase = (name: string): boolean => name.includes('_');

test('every kernel has a name in snake_case', () => {
  expect(stems.length).toBeGreaterThan(0);
  expect(stems.filter((stem) => !isSnakeCase(stem))).toEqual([]);
});

const folders = [
  { kind: 'twin on the CPU', folder: 'src/backend/cpu', ending: '.ts', mixed: true },
  { kind: 'wrapper', folder: 'src/backend/webgpu/kernels', ending: '.ts', mixed: false },
  { kind: 'table of bindings', folder: 'src/backend/webgpu/generated', ending: '.ts', mixed: false },
  { kind: 'test against its twin', folder: 'tests/gpu', ending: '.test.ts', mixed: true },
];

test.each(folders)('every kernel has a $kind, and there is none without a kernel', ({ kind, folder, ending, mixed }) => {
  const names = namesIn(folder, ending);
  const lacking = stems.filter((stem) => !names.includes(stem));
  expect(lacking, `shaders/<name>.wgsl without a ${kind} ${folder}/<name>${ending}`).toEqual([]);
  // A mixed folder holds other files, too, and functions that kernels share may have a twin.
  const others = (name: string) => mixed && (!isSnakeCase(name) || sources.has(`shared/${name}`));
  const orphans = names.filter((name) => !stems.includes(name) && !others(name));
  expect(orphans, `${folder}/<name>${ending} without shaders/<name>.wgsl`).toEqual([]);
});
