import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadStudy } from '../../src/atlas/catalogue.ts';
import { runStudy, type StudyEngine } from '../../src/atlas/run-study.ts';
import { type Engine, openEngine } from '../../src/index.ts';
import { wrongEngines } from '../shared/wrong-engines.ts';

// tests/unit/studies.test.ts trains every study, on the CPU engine; on a software adapter that takes minutes, and `npm run atlas` does it.
// These compile in a moment, and three seeds decide each of their claims.
const quick = ['28-logic', '23-factors'];

let engine: Engine | null = null;
beforeAll(async () => {
  engine = await openEngine({ backend: 'webgpu' });
});
afterAll(() => engine?.dispose());

/** [claim] what three seeds say. */
async function verdictsOf(id: string, on: (engine: Required<StudyEngine>) => StudyEngine) {
  if (!engine) throw new Error('The WebGPU engine did not open.');
  const { claims } = await runStudy(await loadStudy(id), on(engine), { seeds: 3 });
  return claims.map(({ verdict }) => verdict);
}

test.each(quick)('%s on WebGPU', async (id) => {
  const { claims } = await loadStudy(id);
  expect(await verdictsOf(id, (right) => right)).toEqual(claims.map(({ expected }) => expected));
});

test('where nothing is updated, a claim falls', async () => {
  expect(await verdictsOf('23-factors', wrongEngines.idle)).toContain('does not hold');
});
