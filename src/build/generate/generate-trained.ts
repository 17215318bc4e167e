import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadStudy, studyIds } from '../../atlas/catalogue.ts';
import type { Trained } from '../../atlas/ways/trained.ts';
import { openEngine } from '../../train/engine.ts';
import { lossesOfStudy } from '../losses-of-study.ts';
import { hashOf } from '../ship-study.ts';

const file = 'src/atlas/ways/trained.json';

/**
 * Finds which losses of the catalogue every study trains, and writes it. What was found before, of the same sources, is kept unless
 * `fresh`; a unit test compares all of it. Returns the file where it is, or was, out of date.
 */
export async function generateTrained({ write, fresh }: { write: boolean; fresh: boolean }): Promise<string[]> {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '{}\n';
  const known: Record<string, Trained> = JSON.parse(before);
  const hashes = new Map(studyIds.map((id) => [id, hashOf(id)]));
  const stale = studyIds.filter((id) => fresh || known[id]?.hash !== hashes.get(id));
  if (!write) return stale.length > 0 || Object.keys(known).length !== studyIds.length ? [file] : [];
  const engine = await openEngine({ backend: 'cpu' });
  for (const id of stale) known[id] = { hash: hashes.get(id) ?? '', losses: await lossesOfStudy(await loadStudy(id), engine) };
  engine.dispose();
  const lines = studyIds.map((id) => `${JSON.stringify(id)}: ${JSON.stringify(known[id])}`);
  const text = `{\n${lines.join(',\n')}\n}\n`;
  if (text === before) return [];
  writeFileSync(file, text);
  return [file];
}
