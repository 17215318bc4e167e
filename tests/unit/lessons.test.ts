import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { levelsOf } from '../../src/atlas/toys/modes/levels.ts';
import { type Engine, openEngine } from '../../src/train/engine.ts';
import { modesLesson } from '../../src/views/modes/lesson.ts';
import { ModesLab } from '../../src/views/modes/modes.svelte.ts';
import { banditOf, defaultModes, type ModesSettings } from '../../src/views/modes/modes.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ backend: 'cpu' });
});
afterAll(() => engine.dispose());

async function descended(change: Partial<ModesSettings>): Promise<ModesLab> {
  const lab = new ModesLab({ calm: true });
  lab.restore({ settings: { ...defaultModes, ...change }, step: null });
  lab.use(engine);
  await vi.waitFor(() => expect(lab.steps.at(-1)?.step).toBe(lab.settings.steps), { timeout: 120_000 });
  return lab;
}
const drawn = (centre: number) => levelsOf(banditOf({ ...defaultModes, reward: { centre, width: 10 } }).rewards);

describe('the lesson of the modes', () => {
  const task = modesLesson.steps.find(({ title }) => title === 'Your own');

  it('is done by a drawn reward for which the lead changes, and by no other', async () => {
    expect(task?.done?.(await descended({}))).toBe(false); // the lead changes, but nothing was drawn
    expect(task?.done?.(await descended({ reward: drawn(20) }))).toBe(false);
    expect(task?.done?.(await descended({ reward: drawn(70) }))).toBe(true);
  });

  it('says rightly who gains more in the first step of its two scenes', async () => {
    const ahead = async (centre: number) => {
      const { forward, reverse } = (await descended({ reward: { centre, width: 10 } })).steps[1]?.numbers ?? {};
      return (reverse?.expectedReward ?? Number.NaN) - (forward?.expectedReward ?? Number.NaN);
    };
    expect(await ahead(70)).toBeLessThan(0);
    expect(await ahead(20)).toBeGreaterThan(0);
  });
});
