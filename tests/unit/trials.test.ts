// @module-tag slow
import { expect, test } from 'vitest';
import { measureNames, openEngine, type Trial, type TrialExperiment } from '../../src/index.ts';
import { RandomTrials } from '../shared/random-trials.ts';
import { numbersOf, trainedAlone } from '../shared/same-numbers.ts';

/** `TRIALS=5000 npx vitest run --project unit tests/unit/trials.test.ts`, and `TRIALS_SEED=7` for others. */
const count = Number(process.env['TRIALS'] ?? 1000);
const seed = Number(process.env['TRIALS_SEED'] ?? 1);

test(`${count} random experiments have the same bits packed, one by one, and each alone`, async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const random = new RandomTrials(seed, Math.ceil(count / 25), true);
  const experiments: TrialExperiment[] = [];
  const lone: Awaited<ReturnType<typeof trainedAlone>>[] = [];
  let refused = 0;
  while (experiments.length < count) {
    const experiment = random.draw();
    // What cannot be trained is refused by both calls alike, and before any work.
    const alone = await trainedAlone(engine, experiment).catch(String);
    if (typeof alone !== 'string') {
      experiments.push(experiment);
      lone.push(alone);
    } else {
      refused++;
      const stays = experiments[0] ?? experiment;
      const refusal = await engine.trials([stays, experiment], { onProgress: () => expect.unreachable('it has begun') }).catch(String);
      const problem = (text: string) => text.replace(/^.*?experiment\.[^\s:]*:? |^\w+: /, '');
      expect(problem(String(refusal))).toBe(problem(alone));
      expect(String(refusal)).toContain(experiments.length > 0 ? 'experiment.[1]' : 'experiment.[0]');
    }
  }
  expect(refused).toBeLessThan(count / 2);
  let parts = 0;
  const packed = await engine.trials(experiments, { measures: measureNames, onPartial: () => parts++ });
  const single = await engine.trials(experiments, { measures: measureNames, record: [0] });
  expect(parts).toBeLessThan(0.7 * count); // a good part came together
  const diverged = packed.filter((trial) => trial.diverged).length;
  expect(diverged).toBeGreaterThan(count / 200);
  expect(diverged).toBeLessThan(count / 5);
  for (const [index, experiment] of experiments.entries()) {
    const [one, other] = [packed[index], single[index]] as [Trial, Trial];
    const alone = lone[index] as (typeof lone)[number];
    const which = JSON.stringify(experiment);
    expect(one.diverged, which).toBe(alone.diverged);
    expect(other.diverged, which).toBe(alone.diverged);
    expect(numbersOf(one), which).toEqual(numbersOf(other));
    if (alone.diverged) expect(numbersOf(one).every(Number.isNaN), which).toBe(true);
    else
      expect({ final: one.final, ...(one.outcomeLogps ? { outcomeLogps: one.outcomeLogps } : {}), diverged: false }, which).toEqual(alone);
  }
  engine.dispose();
});
