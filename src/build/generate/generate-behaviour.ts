import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Behaviour } from '../../atlas/behaviour/behaviour.ts';
import { measurables, measureBehaviour, measuredLoss } from '../../atlas/behaviour/measure.ts';
import { openEngine } from '../../train/engine.ts';

const file = 'src/atlas/behaviour/measured.json';

/**
 * Measures what the catalogue says of each objective's behaviour, and writes it. What was measured before, with the same loss and
 * parameters, is kept unless `fresh`; a unit test compares a sample with the engine. Returns the file where it is, or was, out of date.
 */
export async function generateBehaviour({ write, fresh }: { write: boolean; fresh: boolean }): Promise<string[]> {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '[]\n';
  const known = new Map((JSON.parse(before) as Behaviour[]).map((each) => [each.objective, each]));
  const isStale = (measurable: (typeof measurables)[number]) => fresh || known.get(measurable.name)?.loss !== measuredLoss(measurable);
  const stale = measurables.filter(isStale);
  if (!write) return stale.length > 0 || known.size !== measurables.length ? [file] : [];
  const engine = await openEngine({ backend: 'cpu' });
  for (const measurable of stale) known.set(measurable.name, await measureBehaviour(engine, measurable));
  engine.dispose();
  const rows = measurables.map(({ name }) => `  ${JSON.stringify(known.get(name))}`);
  const text = `[\n${rows.join(',\n')}\n]\n`;
  if (text === before) return [];
  writeFileSync(file, text);
  return [file];
}
