import { readFileSync, writeFileSync } from 'node:fs';
import { withFigures } from './figures.ts';

const folder = 'tests/bench';

/** Writes the figures of the benchmarks' README from what `npm run bench -- --keep` kept; returns the file where it is, or was, out of date. */
export function generateFigures({ write }: { write: boolean }): string[] {
  const file = `${folder}/README.md`;
  const before = readFileSync(file, 'utf8');
  const after = withFigures(before, JSON.parse(readFileSync(`${folder}/measured.json`, 'utf8')));
  if (after === before) return [];
  if (write) writeFileSync(file, after);
  return [file];
}
