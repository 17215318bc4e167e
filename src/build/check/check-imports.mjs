// Which folder of src may import which: one way, no circles, types and .svelte files included.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';

/** What each folder may import besides itself; the engine's public surface, index.ts, is for those above train. */
const mayImport = {
  core: [],
  objectives: ['core'],
  policies: ['core', 'backend/(?!webgpu/|cpu/)'],
  data: ['core'],
  charts: ['core'],
  backend: ['core', 'objectives'],
  train: ['core', 'objectives', 'policies', 'data', 'backend/(?!webgpu/|cpu/)'],
  atlas: ['core', 'objectives', 'policies', 'data', 'train'],
  shell: ['core', 'objectives', 'policies', 'data', 'backend/(?!webgpu/|cpu/)', 'train', 'atlas', 'charts'],
  views: ['core', 'objectives', 'policies', 'data', 'train', 'atlas', 'charts', 'shell'],
};

const root = resolve(import.meta.dirname, '../../..');
// dependency-cruiser compiles .svelte files, which takes half of its time, and loses their type imports: it reads a copy in which each is
// but a list of what it imports.
const imports = /^\s*(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm;
const copy = mkdtempSync(join(tmpdir(), 'prefscope-imports-'));
try {
  for (const name of ['src', 'shaders', 'package.json', 'tsconfig.json']) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const file of readdirSync(join(copy, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.svelte'))) {
    const path = join(copy, 'src', file);
    const imported = [...readFileSync(path, 'utf8').matchAll(imports)].map(([, still, later]) => `import '${still ?? later}';`);
    writeFileSync(path, `<script>\n${imported.join('\n')}\n</script>\n`);
  }
  /** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
  const forbidden = [
    { name: 'circle', severity: 'error', from: {}, to: { circular: true } },
    // No view imports a view.
    {
      name: 'view-imports-view',
      severity: 'error',
      from: { path: '^src/views/([^/]+)/' },
      to: { path: '^src/views/', pathNot: '^src/views/$1/' },
    },
    ...Object.entries(mayImport).map(
      ([folder, others]) =>
        /** @type {const} */ ({
          name: `${folder}-imports-only-${others.join('-') || 'itself'}`,
          severity: 'error',
          from: { path: `^src/${folder}/` },
          to: { path: `^src/(?!${[folder, ...others].map((other) => (/\.ts|\(/.test(other) ? other : `${other}/`)).join('|')})` },
        }),
    ),
  ];
  const { output, exitCode } = await cruise(['src'], {
    baseDir: copy,
    ruleSet: { forbidden },
    validate: true,
    outputType: 'err',
    tsPreCompilationDeps: true,
    exclude: { path: 'node_modules' },
  });
  if (exitCode > 0) console.error(String(output));
  process.exitCode = exitCode > 0 ? 1 : 0;
} finally {
  rmSync(copy, { recursive: true });
}
