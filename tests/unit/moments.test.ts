import { describe, expect, it } from 'vitest';
import { defaultSettings, noOverNever, type ToySettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { forcesOf } from '../../src/shell/losses/objective-view.ts';
import { openEngine } from '../../src/train/engine.ts';
import { displacementEvents, tellEvent } from '../../src/views/displacement/moments.ts';
import { pairStateAt } from '../../src/views/displacement/story.ts';
import { entanglementMoments } from '../../src/views/entanglement/entanglement-moments.ts';
import type { Frame } from '../../src/views/modes/descents.ts';
import { banditOf, defaultModes, modesPresets, policyNumbers } from '../../src/views/modes/modes.ts';
import { modesMoments } from '../../src/views/modes/modes-moments.ts';

const engine = await openEngine({ backend: 'cpu' });

describe('the moments of the displacement toy', () => {
  const eventsOf = async (change: Partial<ToySettings> = {}) => {
    const settings = { ...defaultSettings, ...change };
    const { steps } = await engine.train(noOverNever(settings));
    const forces = forcesOf(settings.objective);
    return { settings, steps, forces, events: displacementEvents(steps, forces) };
  };

  it('are where the trajectory turns', async () => {
    const { steps, events } = await eventsOf();
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['falls', 'overtaken']));
    const overtaken = events.find(({ kind }) => kind === 'overtaken');
    const [before, at] = [steps[(overtaken?.step ?? 0) - 1]?.probs ?? [], steps[overtaken?.step ?? 0]?.probs ?? []];
    expect(overtaken?.token).toBe(2);
    expect(before[0]).toBeGreaterThan(before[2] ?? 1);
    expect(at[0]).toBeLessThan(at[2] ?? 0);
  });

  it('know no fall where the unembedding alone is trained, and a target that is passed', async () => {
    const { events } = await eventsOf({ train: 'unembedding', learningRate: 0.05 });
    expect(events.map(({ kind }) => kind)).not.toContain('falls');
    const ipo = await eventsOf({ train: 'unembedding', objective: { name: 'ipo', params: { beta: 0.5 } }, learningRate: 0.05 });
    for (const { kind, step } of ipo.events.filter(({ kind }) => kind === 'satisfied')) {
      const [start, now] = [ipo.steps[0], ipo.steps[step]];
      if (!start || !now) throw new Error(kind);
      expect(ipo.forces(pairStateAt(start, now)).chosen).toBeLessThan(0);
    }
  });

  it('cite the terms of Theorem 4 at their own step', async () => {
    const { settings, steps, forces, events } = await eventsOf();
    const [event, start] = [events.find(({ kind }) => kind === 'falls'), steps[0]];
    if (!event || !start) throw new Error('The toy does not displace.');
    const { final } = await engine.train({ ...noOverNever({ ...settings, steps: event.step }) });
    const now = steps[event.step] ?? start;
    const { words } = tellEvent(event, { start, now, settings, forces: forces(pairStateAt(start, now)) }, final);
    expect(words).toMatch(/rate is −0\.01\d+ nats.*how alike the pair is\), −0\.846\. .*the chosen vector’s length\), \+0\.489/);
  });
});

describe('the moments of the entangled pair', () => {
  it('are the changes of the case, with the inequalities that decide it', () => {
    const base = { chosenGradNormSq: 1, rejectedGradNormSq: 4, cosine: 0.5, forces: { chosen: 1, rejected: 1 } };
    const moments = entanglementMoments(
      [
        { ...base, step: 0, case: 'ideal', innerProduct: 0.5 },
        { ...base, step: 1, case: 'both-down', innerProduct: 2 },
        { ...base, step: 2, case: 'both-down', innerProduct: 2, forces: { chosen: 0.05, rejected: 0.05 } },
      ],
      false,
    );
    expect(moments.map(({ step, title }) => `${step} ${title}`)).toEqual([
      '0 Ideal: the chosen answer rises, the rejected one falls',
      '1 Both answers fall',
      '2 The pull has faded',
    ]);
    expect(moments[1]?.words).toContain('1.00 < 2.00');
  });
});

describe('the moments of the descents', () => {
  it('say when reverse KL overtakes, where the peaks are apart', async () => {
    const far = modesPresets.find(({ id }) => id === 'far')?.scene ?? {};
    const settings = { ...defaultModes, ...far };
    const bandit = banditOf(settings);
    const record = Array.from({ length: 41 }, (_, i) => 5 * i);
    const descend = async (direction: 'forward' | 'reverse') =>
      (
        await engine.matchTarget({
          policy: { kind: 'tabular', logits: [[...bandit.start]] },
          targetLogps: [[...bandit.target]],
          direction,
          optimizer: { kind: 'sgd', learningRate: 1, steps: 200 },
          record,
        })
      ).steps;
    const [forward, reverse] = [await descend('forward'), await descend('reverse')];
    const frames = forward.map(({ step, outcomeLogps }, index): Frame => {
      const other = reverse[index]?.outcomeLogps ?? [];
      return {
        step,
        logps: { forward: outcomeLogps, reverse: other },
        numbers: { forward: policyNumbers(outcomeLogps, bandit), reverse: policyNumbers(other, bandit) },
      };
    });
    const moments = modesMoments(frames, bandit, [70, 20]);
    // the notes: forward leads at first, reverse overtakes between 50 and 100
    const leads = moments.filter(({ title }) => /lead|overtakes$/.test(title));
    expect(leads[0]?.title).toBe('Forward KL takes the lead');
    expect(leads[1]?.title).toBe('Reverse KL overtakes');
    expect(leads[1]?.step).toBeGreaterThan(50);
    expect(leads[1]?.step).toBeLessThanOrEqual(100);
    for (const { words } of moments) expect(words).not.toMatch(/–|NaN/);
  });
});
