// `npm run mutate [-- part of a file's name]`: breaks the row kernels in one place at a time (a barrier removed, a sign flipped) and
// checks that some test fails. Works on a copy of the repository; takes about ten seconds a mutation, so it is not part of `npm test`.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const kernels = ['log_sum_exp', 'log_softmax', 'sequence_logps', 'preference_gradients', 'row_gradients', 'kl_gradient'];
const shared = ['row_stats', 'numerics4', 'read_row_stats', 'token_gradient', 'quads', 'reduce_plain', 'reduce_subgroups', 'grid'].concat(
  ['load', 'store'].flatMap((kind) => ['mat4', 'vec4', 'scalar'].map((access) => `${kind}_${access}`)),
);
const files = [...kernels, ...shared.map((name) => `shared/${name}`)].map((name) => `shaders/${name}.wgsl`);
files.push(...['held-rows', 'kl-slots'].map((name) => `src/backend/webgpu/${name}.ts`)); // they write WGSL

/** Mutations that change no result, each with the reason. */
const harmless = [
  { file: 'shared/grid', was: /group\.y \* grid\.x/, reason: 'needs a folded grid, which the test of millions of rows has' },
];

/**
 * @typedef {{ file: string, line: number, was: string, now: string, text: string }} Mutation
 * @param {string} file
 * @returns {Mutation[]}
 */
function mutationsOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const code = line.replace(/\/\/.*$/, '');
    /** @param {number} at @param {number} length @param {string} now */
    const change = (at, length, now) => ({
      file,
      line: index + 1,
      was: line.trim(),
      now: (line.slice(0, at) + now + line.slice(at + length)).trim(),
      text: [...lines.slice(0, index), line.slice(0, at) + now + line.slice(at + length), ...lines.slice(index + 1)].join('\n'),
    });
    if (/^(const|struct|alias|enable|@group)/.test(code) && !/=/.test(code)) return [];
    return [
      ...[...code.matchAll(/workgroupBarrier\(\);/g)].map((match) => change(match.index, match[0].length, '')),
      // A sign between operands, with spaces around it, or before an operand; not an exponent's, an arrow's or an increment's.
      ...[...code.matchAll(/ ([+-]) /g)].map((match) => change(match.index + 1, 1, match[1] === '+' ? '-' : '+')),
      ...[...code.matchAll(/(?<=[(,=] ?)-(?=[\w(])/g)].map((match) => change(match.index, 1, '')),
      ...[...code.matchAll(/ ([+-])= /g)].map((match) => change(match.index + 1, 1, match[1] === '+' ? '-' : '+')),
    ];
  });
}

const filter = process.argv[2] ?? '';
const mutations = files.filter((file) => file.includes(filter)).flatMap(mutationsOf);
const copy = mkdtempSync(join(tmpdir(), 'prefscope-mutate-'));
for (const name of ['src', 'shaders', 'tests', 'package.json', 'vite.config.ts', 'tsconfig.json', 'index.html'])
  cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => !path.endsWith('node_modules') });
// The copy shares node_modules, but not the cache in it: two servers would rebuild it in turn.
const config = join(copy, 'vite.config.ts');
writeFileSync(config, readFileSync(config, 'utf8').replace("base: './',", "base: './',\n  cacheDir: '.vite',"));
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');

const staticTests = ['--project', 'unit', 'tests/shaders'];
const gpuTests = ['--project', 'gpu', '--bail', '1', ...kernels.map((kernel) => `tests/gpu/${kernel}.test.ts`)];

/** @param {string[]} tests */
const pass = (tests) =>
  spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...tests], { cwd: copy, stdio: 'ignore', timeout: 240_000 })
    .status === 0;

pass(gpuTests); // fills the cache
if (!pass(staticTests) || !pass(gpuTests)) throw new Error('The tests fail before anything is broken. Make them pass first.');
const survivors = [];
for (const [index, mutation] of mutations.entries()) {
  const { file, line, was, now, text } = mutation;
  writeFileSync(join(copy, file), text);
  const survived = (!was.includes('workgroupBarrier') || pass(staticTests)) && pass(gpuTests);
  writeFileSync(join(copy, file), readFileSync(join(root, file)));
  const known = harmless.find((entry) => file.includes(entry.file) && entry.was.test(was));
  if (survived && !known) survivors.push(mutation);
  console.log(
    `${index + 1}/${mutations.length} ${survived ? (known ? 'harmless' : 'SURVIVED') : 'caught'}  ${file}:${line}  ${was}  →  ${now}`,
  );
}
rmSync(copy, { recursive: true, force: true });
console.log(`${mutations.length} mutations, ${survivors.length} not noticed by any test.`);
process.exit(survivors.length > 0 ? 1 : 0);
