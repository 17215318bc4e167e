// `npm run check`: everything that is found without running the page, side by side; each says its piece when it has ended.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The longest first. svelte-check reads the .ts files as well: there is no need of tsc. */
const steps = [
  {
    what: 'types',
    run: ['node_modules/svelte-check/bin/svelte-check', '--tsconfig', 'tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
  { what: 'format and lint', run: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.'] },
  { what: 'generated files', run: ['src/build/generate/generate.mjs', '--check'] },
  { what: 'what Firefox and Safari have', run: ['src/build/check/check-compatibility.mjs'] },
  { what: 'directions of imports', run: ['src/build/check/check-imports.mjs'] },
];

/** @param {{ what: string, run: string[] }} step */
const check = ({ what, run }) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, run, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...process.env },
    });
    /** @type {Buffer[]} */
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => said.push(piece));
    child.on('close', (code) => {
      console.log(`${code === 0 ? '✓' : '✗'} ${what}`);
      if (code !== 0) {
        process.stdout.write(Buffer.concat(said));
        process.exitCode = 1;
      }
      resolve(undefined);
    });
  });

const waiting = [...steps];
await Promise.all(
  Array.from({ length: Math.max(1, Math.min(steps.length, availableParallelism())) }, async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) await check(step);
  }),
);
