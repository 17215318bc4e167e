import { expect, test } from 'vitest';
import { openEngine } from '../../src/train/engine.ts';
import { defaultSuffix } from '../../src/views/entanglement/entanglement-settings.ts';
import { measureRemedies } from '../../src/views/entanglement/more/remedies.ts';

test('each remedy makes the chosen answer rise and the rejected fall where both fell', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const [none, ...remedies] = await measureRemedies(engine, { ...defaultSuffix, masked: [3], update: 'normalised' });
  expect(none?.settings).toMatchObject({ masked: [], update: 'plain', learningRate: 1 });
  expect(none?.first.chosen).toBeLessThan(0);
  expect(none?.run.chosen).toBeLessThan(0);
  expect(remedies).toHaveLength(3);
  for (const { first, run } of remedies) {
    expect(first.chosen).toBeGreaterThan(0);
    expect(first.rejected).toBeLessThan(0);
    expect(run.chosen).toBeGreaterThan(0);
  }
});
