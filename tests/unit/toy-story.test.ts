import { describe, expect, it, vi } from 'vitest';
import { defaultSettings, noOverNever, type ToySettings, tokens, trainPresets } from '../../src/atlas/toys/displacement/no-over-never.ts';
import type { RecordedStep } from '../../src/core/experiment.ts';
import { swingOf } from '../../src/core/regime.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { openEngine } from '../../src/train/engine.ts';
import { isFiniteStep } from '../../src/train/finite-step.ts';
import { type End, tellEnd, tryTenth } from '../../src/views/displacement/picture/sentence/at-end.ts';
import { restOf, type Scene, tellScene } from '../../src/views/displacement/picture/sentence/sentence.ts';
import { turnOf } from '../../src/views/displacement/picture/sentence/turn.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
import { type Cast, logRatioMargin, regimeOf, topGainer } from '../../src/views/displacement/story.ts';

const cast: Cast = { tokens, chosen: 0, rejected: 1 };

async function train(change: Partial<ToySettings> = {}): Promise<{ start: RecordedStep; end: RecordedStep; steps: RecordedStep[] }> {
  const engine = await openEngine({ backend: 'cpu' });
  const { steps } = await engine.train(noOverNever({ ...defaultSettings, ...change }));
  engine.dispose();
  const [start, end] = [steps[0], steps.at(-1)];
  if (!start || !end) throw new Error('no steps');
  return { start, end, steps };
}

/** The sentence at a state of a run. */
const told = (steps: readonly RecordedStep[], now: RecordedStep | undefined, change: Partial<Scene & End> = {}): string => {
  const [start] = steps;
  if (!start || !now) throw new Error('no steps');
  const isEnd = now.step === steps.length - 1;
  const swing = swingOf(steps.map(({ probs }) => probs?.[cast.chosen] ?? Number.NaN));
  const scene = {
    cast,
    start,
    now,
    steps: steps.length - 1,
    turn: turnOf(steps, cast),
    seesGapOnly: true,
    pullsApart: true,
    begins: false,
    isChanged: false,
    ended: isEnd ? tellEnd({ cast, start, now, swing, canSlow: true, why: null, ...change }) : null,
    canTry: true,
    groupOf: () => undefined,
    restsSince: null,
    ...change,
  };
  return tellScene(scene)
    .map(({ text }) => text)
    .join('')
    .replaceAll(/[\u00a0\u202f]/g, ' ');
};
/** A run of made-up probabilities, whose loss falls as the gap grows. */
const made = (...probs: readonly number[][]): RecordedStep[] =>
  probs.map((row, step) => {
    const logps = row.map(Math.log);
    const [chosen = 0, rejected = 0] = logps;
    const loss = 1 / (1 + step);
    return { step, loss, losses: [loss], chosenLogps: [chosen], rejectedLogps: [rejected], outcomeLogps: logps, probs: row };
  });

describe('the story of the toy', () => {
  it('tells displacement, and where the mass went', async () => {
    const { start, end, steps } = await train();
    expect(regimeOf(start, end, cast)).toBe('displaced');
    expect(turnOf(steps, cast)).toEqual({ kind: 'overtaken', step: 22, by: 2 });
    expect(told(steps, start)).toBe(
      'It says No three times out of four. Press play: each update tries to make No beat Never by a little more.',
    );
    expect(told(steps, start, { begins: true })).toBe(
      'It says No three times out of four. Each update tries to make No beat Never by a little more.',
    );
    expect(told(steps, start, { pullsApart: false })).toBe(
      'It says No three times out of four. Press play: each update tries to lower the loss.',
    );
    expect(told(steps, steps[2])).toBe(
      'The gap to Never has grown and the loss fallen, as asked. No has moved by less than 5 points so far.',
    );
    const lost = 100 * ((start.probs?.[0] ?? 0) - (steps[12]?.probs?.[0] ?? 0));
    expect(lost).toBeGreaterThan(5);
    expect(told(steps, steps[12])).toBe(
      `The gap to Never has grown and the loss fallen, as asked. But No has lost too: ${lost.toFixed(0)} points since the start.`,
    );
    expect(told(steps, steps[22])).toBe('Yes has just overtaken No. The loss has fallen: all it sees is No pulling ahead of Never.');
    // after the crossing it never says again that No is losing, too
    for (const step of steps.slice(23, 100)) expect(told(steps, step)).toMatch(/^Yes is above No now, by \d+ points/);
    expect(told(steps, end)).toBe(
      'The loss fell from 0.69 to 0.37. No went from 75.6 % to 0.26 %, and Yes, its opposite, took its place. Now try to stop it.',
    );
    expect(logRatioMargin(start, start)).toBe(0);
    expect(tokens[topGainer(start, end, cast) ?? -1]).toBe('Yes');
  });

  it('says in which of the reader’s groups a gainer is, and asks for a try only where there is something to try with', async () => {
    const { end, steps } = await train();
    const groupOf = (token: number): string | undefined => (token === 2 ? 'agreement' : undefined);
    expect(told(steps, steps[22], { groupOf })).toMatch(/^Yes \(in agreement\) has just overtaken No\./);
    expect(told(steps, steps[40], { groupOf })).toMatch(/^Yes \(in agreement\) is above No now/);
    expect(told(steps, end, { groupOf, canTry: false })).toMatch(/and Yes \(in agreement\), its opposite, took its place\.$/);
    expect(told(steps, end, { groupOf: (token) => (token === 2 ? undefined : 'others') })).not.toContain('in others');
  });

  it('tells that there is no displacement when only the unembedding is trained', async () => {
    const { start, end, steps } = await train({ train: 'unembedding', ...trainPresets.unembedding });
    expect(regimeOf(start, end, cast)).toBe('learned');
    expect(turnOf(steps, cast)).toBeNull();
    expect(told(steps, steps[50])).toMatch(/No has gained \d+ points since the start\.$/);
    expect(told(steps, end)).toMatch(/No rose, from 75\.6 % to 99\.\d %\.$/);
    expect(told(steps, end, { isChanged: true })).toMatch(/^No rises, from .* what you changed did it\.$/);
    expect(topGainer(start, end, cast)).toBeNull();
  });

  it('flips with the scale when both are trained', async () => {
    const below = await train({ train: 'both', scale: 2, learningRate: 0.05 });
    const above = await train({ train: 'both', ...trainPresets.both });
    expect(regimeOf(below.start, below.steps[1] ?? below.start, cast)).toBe('learned');
    expect(regimeOf(above.start, above.end, cast)).toBe('displaced');
  });

  it('says that it stays within five points, whoever gains', () => {
    const steps = made([0.6, 0.2, 0.2], [0.58, 0.15, 0.27], [0.56, 0.02, 0.42]);
    expect(turnOf(steps, cast)).toBeNull();
    expect(told(steps, steps[1])).toMatch(/No has moved by less than 5 points so far\.$/);
    expect(told(steps, steps[2])).toMatch(/No stayed: 60\.0 %, then 56\.0 %\.$/);
  });

  it('tells a fall without a usurper as such, and quotes a word that would be read as a part of the sentence', () => {
    const steps = made([0.6, 0.2, 0.05, 0.05, 0.05, 0.05], [0.5, 0.1, 0.05, 0.05, 0.05, 0.25]);
    expect(told(steps, steps[1])).toMatch(
      /No went from 60\.0 % to 50\.0 %, though it is the answer that was preferred; “the” gained most\.$/,
    );
    const over = made([0.6, 0.2, 0.05, 0.05, 0.05, 0.05], [0.3, 0.05, 0.05, 0.05, 0.05, 0.5], [0.2, 0.03, 0.05, 0.05, 0.05, 0.62]);
    expect(told(over, over[1])).toMatch(/^“the” has just overtaken No\./);
    expect(told(over, over[2])).toMatch(/and “the” took its place\./);
    // it was not the first, or is not followed by this one: there is no place to take
    const behind = made([0.3, 0.5, 0.05, 0.15], [0.24, 0.3, 0.16, 0.3], [0.2, 0.2, 0.25, 0.35]);
    expect(told(behind, behind[2])).toMatch(/though it is the answer that was preferred; “?\p{L}+”? gained most\.$/u);
  });

  it('finds the turn of a run that rises first', () => {
    const steps = made([0.5, 0.3, 0.2], [0.7, 0.1, 0.2], [0.2, 0.05, 0.75]);
    expect(turnOf(steps, cast)).toEqual({ kind: 'peak', step: 1, by: null });
    expect(told(steps, steps[1])).toMatch(/^No rose to 70\.0 %, and turns here\./);
  });

  it('says of a run that swings to its end that its step is too large, and not of one at a tenth of it', async () => {
    const objective = { expression: 'max(margin - 2, 2 - margin)', params: {} };
    const large = await train({ objective, learningRate: 0.3 });
    expect(told(large.steps, large.end)).toMatch(/^No swings between .* at the end: the step is too large\. Try a tenth of it\. $/);
    expect(told(large.steps, large.end, { canSlow: false })).toMatch(/the step is too large\. $/);
    const small = await train({ objective, learningRate: 0.001 });
    expect(told(small.steps, small.end)).not.toMatch(/swings/);
  });

  it('keeps beside that what the loss is compared by', () => {
    const steps = made([0.6, 0.3, 0.1], [0.7, 0.1, 0.2], [0.6, 0.05, 0.35], [0.7, 0.1, 0.2]);
    const text = told(steps, steps[3], { swing: [0.6, 0.7], why: ['pushing ', ' down takes only 40 % (120 % before).'] });
    expect(text).toBe(
      'No swings between 60.0 % and 70.0 % at the end: the step is too large. Try a tenth of it. ' +
        'It does not fall: pushing Never down takes only 40 % (120 % before).',
    );
  });

  it('says that the bars stand still where a hinge is satisfied', async () => {
    const { steps } = await train({ objective: { expression: 'max(0, 1 - 0.5*margin)', params: {} } });
    const rest = restOf(steps.slice(0, 31)) ?? Number.NaN;
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThan(20);
    // the oracle: the loss is 0 from there on, and not before
    expect(steps[rest]?.loss).toBe(0);
    expect(steps[rest - 1]?.loss).toBeGreaterThan(0);
    expect(restOf(steps.slice(0, rest + 3))).toBeNull(); // too early to say
    expect(told(steps, steps[30], { restsSince: rest })).toMatch(
      new RegExp(`^The loss reached 0\\.00 at update ${rest}: from there the bars stand still`),
    );
    // a loss that is small beside where it began is not said to be none
    const far = steps.map((state) => ({ ...state, loss: state.step === 0 ? 25 : state.loss + 0.3 }));
    expect(told(far, far.at(-1))).toMatch(/The loss fell from 25 to 0\.30\./);
    const dpo = await train();
    expect(restOf(dpo.steps)).toBeNull();
    // what moves by a ten-millionth at each update has moved in the end
    const [first] = steps;
    const creeping = Array.from({ length: 9 }, (_, step) => ({ ...first, step, loss: 0.5 - 1e-7 * step })) as RecordedStep[];
    expect(restOf(creeping)).toBeNull();
  });

  it('does not claim success when the loss rose', async () => {
    const { start, end, steps } = await train();
    const worse = { ...end, loss: 1.5 };
    expect(regimeOf(start, worse, cast)).toBe('loss-rose');
    expect(told(steps, worse)).toMatch(/^The loss is not below its start, and the gap to Never has grown\./);
  });

  it('finds a state that has overflowed', async () => {
    const { start } = await train();
    expect(isFiniteStep(start)).toBe(true);
    expect(isFiniteStep({ ...start, outcomeLogps: [0, Number.NaN] })).toBe(false);
    expect(isFiniteStep({ ...start, loss: Number.POSITIVE_INFINITY })).toBe(false);
  });
});

it('a tenth of the step size is a change that undo takes back, and the run is compared with what it was before', async () => {
  const session = await Session.create(new PageEngineOwner('cpu'), { calm: true });
  session.change({ objective: { expression: 'max(margin - 2, 2 - margin)', params: {} }, learningRate: 0.3 });
  await vi.waitFor(() => expect(session.comparedSettings).toEqual(defaultSettings));
  const swinging = session.settings;
  tryTenth(session);
  expect(session.settings).toEqual({ ...swinging, learningRate: 0.03 });
  await vi.waitFor(() => expect(session.expected.at(-1)?.step).toBe(100));
  expect(session.comparedSettings).toEqual(defaultSettings);
  expect(session.link.before).toEqual(defaultSettings);
  session.undo();
  expect(session.settings).toEqual(swinging);
  session.dispose();
});
