// What the benchmarks in Chromium and in Node have in common: options, packages that only they need, and the files they write.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, platform, release } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { installPackages } from '../install-packages.mjs';

const root = resolve(import.meta.dirname, '../../..');

/** Folder of the packages that are too large for every clone. */
export const onDemand = 'tests/bench/on-demand';

export function benchOptions() {
  const { values } = parseArgs({
    options: {
      hardware: { type: 'boolean', default: false },
      widths: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      keep: { type: 'boolean', default: false },
      rounds: { type: 'string' },
    },
  });
  const { hardware, widths, quick, only, keep } = values;
  if (keep && (quick || only)) throw new Error('Only a whole measurement is kept: leave --quick and --only out.');
  return { hardware, widths, quick, only, keep, rounds: Number(values.rounds ?? (quick ? 5 : 15)) };
}

/** Installs those packages where they are not yet; false, with a message, where they cannot be had. */
export function installOnDemand() {
  try {
    installPackages(onDemand);
    return true;
  } catch (error) {
    console.warn(`The packages of ${onDemand} could not be installed: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

/**
 * Prints the summary, and writes everything as JSON and as Markdown; where it is to be kept, also to where README's figures come from.
 * @param {string} name
 * @param {string} runtime
 * @param {ReturnType<typeof benchOptions>} options
 * @param {import('../../../tests/bench/bench.ts').Report} report
 */
export async function writeReport(name, runtime, { keep, rounds }, report) {
  /** @param {string} file */
  const load = async (file) => (await runnerImport(`./tests/bench/${file}`, { configFile: false, logLevel: 'error' })).module;
  const { bandwidthTable, markdown, summaryTable } = await load('report.ts');
  const { keptText } = await load('figures.ts');
  const processors = cpus();
  /** @type {import('../../../tests/bench/report.ts').Machine} */
  const machine = {
    processor: processors[0]?.model ?? 'unknown processor',
    cores: processors.length,
    system: `${platform()} ${release()}`,
    adapter: report.adapter,
    runtime,
    date: new Date().toISOString().slice(0, 10),
    rounds,
  };
  const folder = resolve(root, 'bench-results');
  mkdirSync(folder, { recursive: true });
  const path = resolve(folder, name);
  const measured = { machine, shapes: report.shapes, widths: report.widths };
  writeFileSync(`${path}.json`, `${JSON.stringify(measured, null, 1)}\n`);
  writeFileSync(`${path}.md`, markdown(measured));
  if (keep) writeFileSync(resolve(root, 'tests/bench/measured.json'), keptText(measured));
  if (report.widths.length > 0) console.log(`\n${bandwidthTable(report.widths)}`);
  console.log(`\n${summaryTable(report.shapes)}\n\nAll of it: ${path}.md and ${path}.json`);
}
