import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'vite';
import type { StudyResult } from '../atlas/run-study.ts';
import type { ShippedResult } from '../atlas/shipped.ts';

const imports = /\bfrom '(\.[^']+)'/g;

/** Files of the atlas that a study is made of: its own, and the toys and measures that it imports. */
function filesOf(file: string, root: string, found = new Set<string>()): Set<string> {
  if (found.has(file) || !file.startsWith('src/atlas/') || !existsSync(join(root, file))) return found;
  found.add(file);
  for (const [, path = ''] of readFileSync(join(root, file), 'utf8').matchAll(imports))
    filesOf(normalize(join(dirname(file), path)), root, found);
  return found;
}

/** Fields of a study that are words alone. */
const words = /^(finding|mechanism|setup|headline|leavesOut|tex|label|unit|statement|where|refutedBy|because|instead)$/;

/** A field that a study need not have, and that is of no result. */
const isBeside = (node: unknown): boolean => {
  const { type, key } = (node ?? {}) as { type?: string; key?: { name?: string } };
  return type === 'Property' && key?.name === 'provenance';
};

/** A source without its layout, comments and words. */
function bare(file: string, source: string): string {
  const { program } = parseSync(file, source);
  return JSON.stringify(program, (key, value) => {
    if (['start', 'end', 'range', 'loc', 'raw', 'comments'].includes(key)) return undefined;
    if (Array.isArray(value)) return value.filter((each) => !isBeside(each));
    return value?.type === 'Property' && words.test(String(value.key?.name)) ? value.key.name : value;
  });
}

/** What a shipped result is stale by: the code of the study, of its toys, and of its measures, whatever its words. */
export function hashOf(id: string, root = '.'): string {
  const hash = createHash('sha256');
  const all = filesOf(`src/atlas/studies/${id}.ts`, root);
  all.delete('src/atlas/study.ts'); // its types; how studies are run is tested elsewhere
  for (const file of [...all].sort()) hash.update(`${file}\n${bare(file, readFileSync(join(root, file), 'utf8'))}\n`);
  return hash.digest('hex').slice(0, 16);
}

const short = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null);

/** A result as it is kept: four digits of each number. */
export const kept = ({ table, claims }: StudyResult, seeds: number, milliseconds: number): ShippedResult => ({
  seeds,
  milliseconds: Math.round(milliseconds),
  verdicts: Object.fromEntries(claims.map(({ id, verdict }) => [id, verdict])),
  table: Object.fromEntries(
    Object.entries(table).map(([arm, columns]) => [
      arm,
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.map(short)])),
    ]),
  ),
});
