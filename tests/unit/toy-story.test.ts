import { describe, expect, it } from 'vitest';
import { defaultSettings, noOverNever, type ToySettings, tokens, trainPresets } from '../../src/atlas/toys/no-over-never.ts';
import type { RecordedStep } from '../../src/core/experiment.ts';
import { openEngine } from '../../src/train/engine.ts';
import { isFiniteStep } from '../../src/train/finite-step.ts';
import { type Cast, logRatioMargin, regimeOf, tellStory, topGainer } from '../../src/views/displacement/story.ts';

const cast: Cast = { tokens, chosen: 0, rejected: 1 };

async function train(change: Partial<ToySettings> = {}): Promise<{ start: RecordedStep; end: RecordedStep; steps: RecordedStep[] }> {
  const engine = await openEngine({ backend: 'cpu' });
  const { steps } = await engine.train(noOverNever({ ...defaultSettings, ...change }));
  engine.dispose();
  const [start, end] = [steps[0], steps.at(-1)];
  if (!start || !end) throw new Error('no steps');
  return { start, end, steps };
}

const told = (start: RecordedStep, now: RecordedStep): string =>
  tellStory(start, now, cast)
    .map(({ text }) => text)
    .join('')
    .replaceAll(/[\u00a0\u202f]/g, ' ');

describe('the story of the toy', () => {
  it('tells displacement, and where the mass went', async () => {
    const { start, end } = await train();
    expect(regimeOf(start, end)).toBe('displaced');
    expect(told(start, end)).toBe(
      'After 100 updates the margin rose by 7.94 nats and the loss fell from 0.693 to 0.373, yet the preferred answer “No” fell from ' +
        '75.6 % to 0.26 %. The mass went to “Yes” (10.2 % → 97.5 %), which the data never mentions.',
    );
    expect(tokens[topGainer(start, end, cast) ?? -1]).toBe('Yes');
  });

  it('tells that there is no displacement when only the unembedding is trained', async () => {
    const { start, end } = await train({ train: 'unembedding', ...trainPresets.unembedding });
    expect(regimeOf(start, end)).toBe('learned');
    expect(told(start, end)).toMatch(/“No” rose from 75\.6 % to 99\.\d %; the rejected “Never” fell from 3\.8 % to/);
    expect(told(start, end)).toContain('There is no displacement at this step.');
    expect(topGainer(start, end, cast)).toBeNull();
  });

  it('flips with the scale when both are trained', async () => {
    const below = await train({ train: 'both', scale: 2, learningRate: 0.05 });
    const above = await train({ train: 'both', ...trainPresets.both });
    expect(regimeOf(below.start, below.steps[1] ?? below.start)).toBe('learned');
    expect(regimeOf(above.start, above.end)).toBe('displaced');
  });

  it('describes the start without a change', async () => {
    const { start } = await train();
    expect(regimeOf(start, start)).toBe('start');
    expect(told(start, start)).toBe(
      'Before the first update the model answers “No” with probability 75.6 % and “Never” with 3.8 %. The margin is 0 and the loss 0.693.',
    );
    expect(logRatioMargin(start, start)).toBe(0);
  });

  it('gives nats where the percentages read the same', async () => {
    const { start, steps } = await train({ learningRate: 1e-3 });
    expect(told(start, steps[1] ?? start)).toMatch(/“No” fell by 1\.\d·10⁻⁵ nats \(still 75\.6 %\)\./);
  });

  it('does not claim success when the loss rose', async () => {
    const { start, end } = await train();
    const worse = { ...end, loss: 1.5 };
    expect(regimeOf(start, worse)).toBe('loss-rose');
    expect(told(start, worse)).toContain('the loss rose from 0.693 to 1.500: so far this run has not learned the preference.');
  });

  it('finds a state that has overflowed', async () => {
    const { start } = await train();
    expect(isFiniteStep(start)).toBe(true);
    expect(isFiniteStep({ ...start, outcomeLogps: [0, Number.NaN] })).toBe(false);
    expect(isFiniteStep({ ...start, loss: Number.POSITIVE_INFINITY })).toBe(false);
  });
});
