import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caseOf, firstOrderMove } from '../../src/atlas/toys/entanglement/entanglement-geometry.ts';
import { maskedLogps, sharedSuffix } from '../../src/atlas/toys/entanglement/shared-suffix.ts';
import { forcesOf } from '../../src/shell/losses/objective-view.ts';
import { restoreRuns, writeRuns } from '../../src/shell/runs/run-file.ts';
import { RunHistory } from '../../src/shell/runs/run-history.svelte.ts';
import { nameRun } from '../../src/shell/runs/run-kind.ts';
import { openEngine } from '../../src/train/engine.ts';
import { toyRuns } from '../../src/views/displacement/toy-runs.ts';
import { type SuffixState, suffixStates } from '../../src/views/entanglement/entanglement.svelte.ts';
import { writeSuffix } from '../../src/views/entanglement/entanglement-link.ts';
import {
  allPlaces,
  changeSuffix,
  defaultSuffix,
  type SuffixSettings,
  suffixForkedAt,
} from '../../src/views/entanglement/entanglement-settings.ts';
import { remedyRuns } from '../../src/views/entanglement/more/remedies.ts';
import { type SuffixPoint, suffixFacts, suffixRuns } from '../../src/views/entanglement/suffix-runs.ts';

const short: SuffixSettings = { ...defaultSuffix, steps: 20 };

async function statesOf(settings: SuffixSettings): Promise<SuffixState[]> {
  const engine = await openEngine({ backend: 'cpu' });
  const states: SuffixState[] = [];
  for await (const state of suffixStates(engine, settings)) states.push(state);
  engine.dispose();
  return states;
}

describe('a forked run with a shared suffix', () => {
  it('trains as the run itself where nothing else changed, and as before up to its fork', async () => {
    const whole = await statesOf(short);
    const forked = await statesOf(suffixForkedAt(suffixForkedAt(short, 8), 14));
    expect(forked.map(({ record, diagnosis }) => [record, diagnosis])).toEqual(whole.map(({ record, diagnosis }) => [record, diagnosis]));
    const other = await statesOf(changeSuffix(suffixForkedAt(short, 8), { update: 'normalised' }));
    expect(other.slice(0, 8).map(({ next }) => next)).toEqual(whole.slice(0, 8).map(({ next }) => next));
    expect(other[8]?.next.chosenLogps).not.toEqual(whole[8]?.next.chosenLogps);
  });

  it('keeps its reference at update 0, and masks from its fork on: rates are those of the log-probs that the loss then reads', async () => {
    const settings = changeSuffix(suffixForkedAt(short, 8), { masked: allPlaces(short.suffix) });
    const states = await statesOf(settings);
    const [start, at] = [states[0], states[8]];
    if (!start || !at) throw new Error('The run is too short.');
    // both answers fall before the fork, and are pulled apart after it
    expect(caseOf(firstOrderMove(states[7]?.diagnosis ?? at.diagnosis, { chosen: 1, rejected: 1 }))).toBe('both-down');
    expect(caseOf(firstOrderMove(at.diagnosis, { chosen: 1, rejected: 1 }))).toBe('ideal');
    // only the first token counts: its log-prob is what is left
    const { firstChosen, firstRejected } = at.closed;
    expect((at.record.chosenLogps[0] ?? 0) - at.masked.chosen).toBeCloseTo(Math.log(firstChosen), 12);
    expect((at.record.rejectedLogps[0] ?? 0) - at.masked.rejected).toBeCloseTo(Math.log(firstRejected), 12);
    // the engine's rate is the force of the objective at that pair, against the start's policy
    const refs = { refChosen: Math.log(short.first), refRejected: Math.log(short.first) };
    const forces = forcesOf(short.objective)({ chosen: Math.log(firstChosen), rejected: Math.log(firstRejected), length: 1, ...refs });
    expect(at.diagnosis.chosenRate).toBeCloseTo(firstOrderMove(at.diagnosis, forces).chosen, 12);
  });

  it('knows where shared tokens no longer have the same probability', async () => {
    const settings = changeSuffix(suffixForkedAt({ ...short, masked: [1, 2] }, 8), { masked: [] });
    const states = await statesOf(settings);
    expect(states.map(({ closed }) => closed.alike)).toEqual(states.map(({ step }) => step < 8));
    for (const { closed, diagnosis } of states) expect(Math.abs(closed.innerProduct - diagnosis.innerProduct)).toBeLessThan(1e-12);
  });

  it('has the masked log-probs of its start in closed form', () => {
    const settings = { ...short, masked: [1, 3] };
    const logits = new Float64Array(3 * (1 + short.suffix));
    expect(maskedLogps(settings, { logits }).chosen).toBeCloseTo(2 * Math.log(short.afterChosen), 12);
    expect(maskedLogps(settings, { logits }).rejected).toBeCloseTo(2 * Math.log(short.afterRejected), 12);
  });

  it('is left where the start changes', () => {
    const forked = suffixForkedAt(short, 8);
    for (const change of [{ suffix: 3 }, { afterChosen: 0.5 }, { afterRejected: 0.5 }, { first: 0.3 }] as Partial<SuffixSettings>[])
      expect(changeSuffix(forked, change).past).toBeUndefined();
    expect(changeSuffix(forked, { learningRate: 2 }).past).toEqual(forked.past);
    for (const { settings } of remedyRuns(forked)) expect(sharedSuffix(settings).stages).toBeUndefined();
    expect(sharedSuffix(suffixForkedAt(forked, 0))).toEqual(sharedSuffix(short));
  });
});

describe('runs with a shared suffix', () => {
  it.each<[SuffixSettings, string]>([
    [changeSuffix(short, { learningRate: 0.5 }), 'η 0.5'],
    [changeSuffix(short, { masked: allPlaces(short.suffix) }), 'masks the shared tokens'],
    [changeSuffix(short, { update: 'normalised' }), 'η 0.05, update normalised, no objective and 1 more'],
    [changeSuffix(suffixForkedAt(short, 8), { masked: [2] }), 'forked at 8, masks (2)'],
    [changeSuffix(short, { suffix: 3 }), 'm 3'],
    [short, 'the same again'],
  ])('are named by what changed: %#, %s', (settings, name) => {
    expect(nameRun(suffixFacts(settings), suffixFacts(short))).toBe(name);
  });

  const points = fc.array(
    fc.record({
      chosen: fc.double({ min: -50, max: 0, noNaN: true }),
      rejected: fc.double({ min: -50, max: 0, noNaN: true }),
      chosenMove: fc.double({ min: -5, max: 5, noNaN: true }),
      rejectedMove: fc.double({ min: -5, max: 5, noNaN: true }),
      cosine: fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constant(Number.NaN)),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('come back from a file, forks and all, to the last digit', () => {
    fc.assert(
      fc.property(fc.array(points, { minLength: 1, maxLength: 3 }), (all) => {
        const history = new RunHistory<SuffixSettings, SuffixPoint>(writeSuffix);
        for (const [index, each] of all.entries()) {
          const settings = changeSuffix(suffixForkedAt(short, index), { learningRate: 1 + index, masked: allPlaces(index) });
          // a file has no -0
          const states = each.map((point, step) => ({
            step,
            chosen: point.chosen + 0,
            rejected: point.rejected + 0,
            chosenMove: point.chosenMove + 0,
            rejectedMove: point.rejectedMove + 0,
            cosine: point.cosine + 0,
          }));
          history.keep({ settings, states, finished: index % 2 === 0, engine: 'webgpu' });
        }
        const back = new RunHistory<SuffixSettings, SuffixPoint>(writeSuffix);
        expect(restoreRuns(back, writeRuns(history, suffixRuns), suffixRuns)).toEqual([]);
        expect(back.runs).toEqual(history.runs);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[unknown, RegExp]>([
    [[-1, -1, 0, 0], /4 finite numbers and a cosine/],
    [[-1, null, 0, 0, 0], /4 finite numbers and a cosine/],
    [[0.5, -1, 0, 0, 0], /above 0/],
    [[-1, -1, 0, 0, 1.5], /cosine/],
    ['x', /4 finite numbers and a cosine/],
  ])('refuse the state %j', (state, problem) => {
    expect(suffixRuns.readState(state, 0, short)).toMatch(problem);
  });

  it('are not those of another view', () => {
    const history = new RunHistory<SuffixSettings, SuffixPoint>(writeSuffix);
    const file = writeRuns(history, suffixRuns);
    expect(restoreRuns(new RunHistory(() => ''), file, toyRuns)).toEqual([
      'The file holds runs of “Entanglement”: restore it there. Here, runs of “Displacement” are read.',
    ]);
  });
});
