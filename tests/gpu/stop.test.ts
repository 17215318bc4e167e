import { expect, test } from 'vitest';
import { noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { openEngine } from '../../src/train/engine.ts';
import { contenders } from '../../src/views/stop/contenders.ts';
import { defaultStop, runSettings } from '../../src/views/stop/stop-settings.ts';
import { describeEngines } from './engines.ts';

describeEngines('the eight losses from one start', (engine) => {
  test.each(contenders)('$name ends where the float64 twin does, to the digits that the page prints', async ({ objective }) => {
    const experiment = noOverNever(runSettings(defaultStop, objective));
    const twin = await openEngine({ backend: 'cpu' });
    const [ends, expected] = [await engine().train(experiment), await twin.train(experiment)].map(({ steps }) => steps.at(-1)?.probs ?? []);
    expect(ends).toHaveLength(6);
    // half of the last digit of a percentage with one decimal
    for (const [token, p] of (expected ?? []).entries()) expect(Math.abs((ends?.[token] ?? Number.NaN) - p)).toBeLessThan(0.0005);
    twin.dispose();
  });
});
