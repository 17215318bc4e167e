import { describe, expect, test } from 'vitest';
import { bibliography } from '../../src/atlas/bibliography.ts';
import { judgeClaim, valuesOf } from '../../src/atlas/judge-claim.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import { runCurve, runCurves, runStudy, type StudyCurve, type StudyEngine } from '../../src/atlas/run-study.ts';
import { defineStudy, type StudyClaim, type Task } from '../../src/atlas/study.ts';
import { measuredText, requirementTex, requirementText, resultText, tableCsv } from '../../src/atlas/study-text.ts';
import { jittered } from '../../src/atlas/toys/displacement/near-no-over-never.ts';
import { at, dot, minus, normSq } from '../../src/atlas/toys/vectors.ts';
import { judgeQuantileGap, quantileBounds, quantileOf } from '../../src/atlas/verdict.ts';
import type { PairDiagnosis } from '../../src/core/experiment.ts';
import { softmax } from '../../src/core/softmax.ts';
import type { TrialExperiment } from '../../src/core/trial.ts';
import { loadStudy, openEngine, type Trial } from '../../src/index.ts';

/** Gives back what the experiment's learning rate is, as the loss; a trial of a second stage sees the first. */
const echo: StudyEngine & { calls: TrialExperiment[][] } = {
  calls: [],
  async trials(experiments, options) {
    echo.calls.push([...experiments]);
    options?.onProgress?.(experiments.length, experiments.length);
    return experiments.map(
      ({ optimizer }): Trial => ({ final: {}, measures: { loss: optimizer.learningRate }, diverged: optimizer.learningRate > 100 }),
    );
  },
};

const claim = {
  id: 'a',
  statement: '',
  where: '',
  kind: 'toy',
  refutedBy: '',
  left: ['one', 'rate'],
  right: ['two', 'rate'],
  by: 'mean',
  bound: { atLeast: 0 },
  because: '',
  expected: 'holds',
} as const satisfies StudyClaim<'one' | 'two', 'rate'>;

const study = defineStudy<{ scale: number }>()({
  id: '99-echo',
  finding: 'The larger rate goes farther',
  mechanism: '',
  setup: '',
  leavesOut: '',
  tex: '',
  parameters: {
    scale: { label: 'Scale', symbol: 's', min: 0, max: 10, default: 1 },
    steps: { label: 'Updates', symbol: 't', path: 'optimizer.steps', min: 0, max: 10, default: 3 },
  },
  toy: (seed, { scale }) => ({
    experiment: {
      policy: { kind: 'tabular', logits: [[0, 0]] },
      pairs: [],
      objective: { name: 'dpo' },
      optimizer: { kind: 'sgd', learningRate: scale * seed, steps: 3 },
    },
    truth: { scale },
  }),
  arms: {
    one: { label: 'One', train: ({ experiment }) => experiment },
    two: {
      label: 'Two',
      train: ({ experiment }) => [experiment, experiment],
      next: [
        ({ experiment }, before) => ({
          ...experiment,
          optimizer: { ...experiment.optimizer, learningRate: before.reduce((sum, { measures }) => sum + (measures['loss'] ?? 0), 0) },
        }),
      ],
    },
  },
  measures: {
    rate: { label: 'rate', of: 'loss' },
    scaled: { label: 'scaled', of: ({ truth, trial }) => truth.scale * (trial.measures['loss'] ?? 0) },
  },
  plot: { kind: 'law', y: 'rate', over: 'scale', at: [1, 2] },
  claims: [claim],
  seeds: { page: 3, test: 2 },
});

const target = (seed: number): Task => ({
  matchTarget: {
    policy: { kind: 'tabular', logits: [[0, 0]] },
    targetLogps: [[0, 0]],
    direction: 'reverse',
    optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
    seed,
  },
});

describe('a study', () => {
  test('trains all arms of all seeds of a stage in one call, later stages on earlier ones', async () => {
    echo.calls.length = 0;
    const { table, claims } = await runStudy(study, echo, { seeds: 3, seed: 5 });
    expect(echo.calls.map(({ length }) => length)).toEqual([9, 3]);
    expect(table).toEqual({
      one: { rate: [5, 6, 7], scaled: [5, 6, 7] },
      two: { rate: [10, 12, 14], scaled: [10, 12, 14] },
    });
    expect(claims).toEqual([{ id: 'a', verdict: 'does not hold', values: [-5, -6, -7], reached: 0 }]);
  });

  test('puts a parameter where its path says, and in the hands of the toy', async () => {
    echo.calls.length = 0;
    const { table } = await runStudy(study, echo, { seeds: 1, values: { scale: 2, steps: 7 } });
    expect(table['one']?.['scaled']).toEqual([4]);
    expect(echo.calls.flat().map(({ optimizer, seed }) => ['steps' in optimizer && optimizer.steps, seed])).toEqual([
      [7, 1],
      [7, 1],
      [7, 1],
      [7, 1],
    ]);
    await expect(runStudy(study, echo, { seeds: 1, values: { slack: 2 } })).rejects.toThrow('slack');
  });

  test('has no number for a run that diverged', async () => {
    const { table, claims } = await runStudy(study, echo, { seeds: 2, seed: 60 });
    expect(table['two']?.['rate']).toEqual([Number.NaN, Number.NaN]);
    expect(claims[0]?.verdict).toBe('inconclusive');
  });

  test('asks for geometry and descents beside what it trains, and measures of an arm what is of it', async () => {
    const asked: unknown[] = [];
    const asking: StudyEngine = {
      ...echo,
      diagnose: async ({ seed }) => {
        asked.push(seed);
        return [{ chosenRate: 10 * (seed ?? 0) } as PairDiagnosis];
      },
      matchTarget: async ({ seed = 0 }) => ({ steps: [{ step: 0, divergences: [seed], outcomeLogps: [-seed] }], final: {} }),
    };
    const mixed = defineStudy<null>()({
      ...{
        id: '99-mixed',
        finding: '',
        mechanism: '',
        setup: '',
        leavesOut: '',
        tex: '',
        parameters: {},
        seeds: { page: 1, test: 1 },
        claims: [],
      },
      toy: (seed) => ({ experiment: study.toy(seed, { scale: 1 }).experiment, truth: null }),
      arms: {
        trained: { label: '', train: ({ experiment }) => experiment },
        asked: {
          label: '',
          train: ({ experiment }) => [{ diagnose: experiment }, experiment],
          next: [(_, [answer]) => target(answer?.diagnoses?.[0]?.chosenRate ?? Number.NaN)],
        },
      },
      measures: {
        loss: { label: '', of: 'loss', arms: ['trained'] },
        reached: {
          label: '',
          arms: ['asked'],
          of: ({ trial }) => (trial.descent?.[0]?.divergences[0] ?? 0) - (trial.outcomeLogps?.[0] ?? 0),
        },
      },
      plot: { kind: 'strip', y: 'loss' },
    });
    const told: number[] = [];
    const { table } = await runStudy(mixed, asking, { seeds: 2, seed: 3, onProgress: (done, total) => told.push(done / total) });
    expect(asked).toEqual([3, 4]);
    expect(table).toEqual({
      trained: { loss: [3, 4], reached: [Number.NaN, Number.NaN] },
      asked: { loss: [Number.NaN, Number.NaN], reached: [60, 80] },
    });
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    await expect(runStudy(mixed, echo, { seeds: 1 })).rejects.toThrow('no such question');
  });

  test('is cancelled by its signal, and says how far it is', async () => {
    await expect(runStudy(study, echo, { seeds: 1, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const told: number[] = [];
    await runStudy(study, echo, { seeds: 1, onProgress: (done, total) => told.push(done / total) });
    expect(told).toEqual([0.5, 1]);
  });

  test('draws a curve over a parameter', async () => {
    expect(await runCurve(study, echo, { seeds: 2 })).toEqual({
      one: [
        [1, 2],
        [2, 4],
      ],
      two: [
        [2, 4],
        [4, 8],
      ],
    });
  });

  test('draws several plots of one course in one training, each of its own arms, and none of another kind', async () => {
    echo.calls.length = 0;
    const over = { kind: 'law', over: 'scale', at: [1, 2] } as const;
    const curves = await runCurves(
      study,
      [
        { ...over, y: 'rate', arms: ['two'] },
        { kind: 'strip', y: 'rate' },
        { ...over, y: ['rate', 'scaled'], arms: ['one'] },
      ],
      echo,
      { seeds: 2 },
    );
    expect(curves).toEqual([
      {
        two: [
          [2, 4],
          [4, 8],
        ],
      },
      null,
      {
        rate: [
          [1, 2],
          [2, 4],
        ],
        scaled: [
          [1, 2],
          [4, 8],
        ],
      },
    ]);
    // two places, of two stages each
    expect(echo.calls).toHaveLength(4);
  });

  test('stops a run where a plot over updates asks, whatever parameter says how long it is, and trains nothing for none', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const rankings = await loadStudy('13-rankings');
    const [[short], [long]] = (await Promise.all(
      [20, 60].map((steps) =>
        runCurves(rankings, [{ kind: 'lines', y: 'reward', updates: [20] }], engine, { seeds: 1, values: { steps } }),
      ),
    )) as [[StudyCurve], [StudyCurve]];
    expect(short).toEqual(long);
    const race = await loadStudy('37-kl-race');
    const [leading] = await runCurves(race, [{ kind: 'lines', y: 'leading', updates: [0, 4, 10], arms: ['leadForward'] }], engine, {
      seeds: 1,
    });
    const { table } = await runStudy(race, engine, { seeds: 1 });
    expect(leading?.['leadForward']?.[2]).toEqual(table['leadForward']?.['lead']);
    expect(leading?.['leadForward']?.[1]?.[0]).toBeGreaterThan(leading?.['leadForward']?.[2]?.[0] ?? 1);
    const passes = await loadStudy('often-pass-at-k');
    const [one] = await runCurves(passes, [{ kind: 'lines', y: 'one', updates: [0] }], engine, { seeds: 1 });
    engine.dispose();
    expect(one?.['grpo']?.[0]?.[0]).toBeCloseTo(0.7 * 0.8 + 0.3 * 0.2, 12);
  });

  test('draws several measures of one arm over its updates, where the descent goes', async () => {
    const [engine, study] = [await openEngine({ backend: 'cpu' }), await loadStudy('09-no-over-never')];
    const curve = await runCurve(study, engine, { seeds: 1, seed: 3 });
    engine.dispose();
    if (study.plot.kind !== 'lines') throw new Error('The plot is no curve over updates.');
    // with the hidden vector trained the update is along W₊ - W₋ alone: Δh = η β σ(-β Δmargin) (W₊ - W₋)
    const { hidden, unembedding: W } = jittered(3, 'hidden');
    const along = minus(at(W, 0), at(W, 1));
    const gone = [0];
    for (let step = 0; step < 100; step++) gone.push(at(gone, step) + 0.1 / (1 + Math.exp(0.1 * at(gone, step) * normSq(along))));
    expect(Object.keys(curve)).toEqual(['piNo', 'piNever', 'piYes']);
    for (const [place, updates] of study.plot.updates.entries()) {
      const probs = softmax(W.map((row) => dot(row, at(hidden, 0)) + at(gone, updates) * dot(row, along)));
      for (const [token, name] of ['piNo', 'piNever', 'piYes'].entries())
        expect(curve[name]?.[place], `${name} after ${updates}`).toEqual([expect.closeTo(at(probs, token), 9)]);
    }
  });

  test('does not compile with an arm, a measure or a parameter that it has not', () => {
    type Claims = StudyClaim<'one' | 'two', 'rate'>;
    // @ts-expect-error no such arm
    const wrongArm: Claims = { ...claim, left: ['three', 'rate'] };
    // @ts-expect-error no such measure
    const wrongMeasure: Claims = { ...claim, left: ['one', 'speed'] };
    // @ts-expect-error says what is true instead
    const silent: Claims = { ...claim, expected: 'does not hold' };
    expect([wrongArm, wrongMeasure, silent]).toHaveLength(3);
  });

  test('trains on the engine as it does one by one', async () => {
    const [real, engine] = [await loadStudy('42-fading-preference'), await openEngine({ backend: 'cpu' })];
    const together = await runStudy(real, engine, { seeds: 2, seed: 4 });
    const alone = await runStudy(real, engine, { seeds: 1, seed: 5 });
    expect(together.table['learned']?.['late']?.[1]).toBe(alone.table['learned']?.['late']?.[0]);
    engine.dispose();
  });
});

describe('a claim', () => {
  const table = { one: { rate: [1, 2, 3, Number.NaN] }, two: { rate: [1, 1, 1, 1] } };

  test('counts a run that diverged as one that missed, and leaves a mean undecided', () => {
    expect(judgeClaim({ ...claim, by: { share: 0.5 } }, table)).toMatchObject({ reached: 3, verdict: 'inconclusive' });
    expect(judgeClaim(claim, table).verdict).toBe('inconclusive');
    expect(judgeClaim({ ...claim, by: 'each' }, table).verdict).toBe('does not hold');
  });

  test('takes of several comparisons the one that is nearest to failing', () => {
    const { right: _, ...alone } = claim;
    const several = { ...alone, and: [{ left: ['two', 'rate'] as const }] };
    const rates = { one: { rate: [1, 5, 3] }, two: { rate: [2, 2, 2] } };
    expect(valuesOf(several, rates)).toEqual([1, 2, 2]);
    expect(valuesOf({ ...several, bound: { atMost: 9 } }, rates)).toEqual([2, 5, 3]);
    expect(requirementText(study, several)).toBe('the smallest of rate (One); rate (Two): at least 0 on average over the seeds');
    expect(requirementTex(several)).toBe(
      '\\mathbb E\\,\\min\\!\\left\\{\\mathrm{rate}_{\\mathrm{one}},\\ \\mathrm{rate}_{\\mathrm{two}}\\right\\} \\ge 0',
    );
  });

  test('has a bound for each engine where rounding is what is allowed', () => {
    const rounded = { ...claim, by: 'each', bound: { atMost: { cpu: 1, webgpu: 3 } } } as const;
    const rates = { one: { rate: [2] }, two: { rate: [0] } };
    expect([judgeClaim(rounded, rates).verdict, judgeClaim(rounded, rates, 'webgpu').verdict]).toEqual(['does not hold', 'holds']);
    expect(requirementText(study, rounded)).toContain('at most 1 on the CPU engine and 3 on WebGPU in every seed');
    expect(requirementTex(rounded)).toContain('\\varepsilon_{\\mathrm{WebGPU}}=3');
  });

  test('compares quantiles of either side by themselves', () => {
    expect(valuesOf({ ...claim, by: { quantile: 0.5 } }, { one: { rate: [3, 1, 2] }, two: { rate: [0, 0, 9] } })).toEqual([2]);
    const many = Array.from({ length: 200 }, (_, i) => i);
    expect(judgeClaim({ ...claim, by: { quantile: 0.1 } }, { one: { rate: many.map((i) => i + 100) }, two: { rate: many } }).verdict).toBe(
      'holds',
    );
    expect(
      judgeClaim(
        { ...claim, by: { quantile: 0.1 }, bound: { atMost: 50 } },
        { one: { rate: many.map((i) => i + 100) }, two: { rate: many } },
      ).verdict,
    ).toBe('does not hold');
  });

  test('is told in words, as a formula and as a table', () => {
    expect(requirementText(study, claim)).toBe('rate (One) less rate (Two): at least 0 on average over the seeds');
    expect(requirementText(study, { ...claim, by: { share: 0.9 }, bound: { atMost: 2 } })).toContain('at most 2 in 90 % of all seeds');
    expect(requirementTex({ ...claim, by: { quantile: 0.1 } })).toBe(
      'Q_{0.1}\\!\\left[\\mathrm{rate}_{\\mathrm{one}}\\right] - Q_{0.1}\\!\\left[\\mathrm{rate}_{\\mathrm{two}}\\right] \\ge 0',
    );
    expect(requirementTex({ ...claim, by: { share: 0.9 } })).toMatch(/^\\Pr.*\\ge 0\.9$/);
    expect(resultText(claim, { id: 'a', verdict: 'holds', values: [1, 2], reached: 2 })).toBe('holds: 1.5 on average over 2 seeds');
    expect(resultText(claim, { id: 'a', verdict: 'holds', values: [1], reached: 1 })).toBe('holds: 1 in its one seed');
    expect(resultText({ ...claim, by: 'each' }, { id: 'a', verdict: 'holds', values: [1], reached: 1 })).toBe(
      'holds: so it is in its one seed',
    );
    expect(measuredText(study, claim)).toBe('rate, “One” less “Two”');
    expect(measuredText(study, { left: ['one', 'rate'], by: 'mean' })).toBe('rate');
    expect(measuredText(study, { ...claim, by: { share: 0.9 } })).toBe('');
    expect(tableCsv({ one: { 'a,b': [1, 2] } }, 4)).toBe('arm,seed,"a,b"\none,4,1\none,5,2\n');
  });
});

test('a gap of quantiles needs both bounds, each half as often wrong', () => {
  const values = Array.from({ length: 60 }, (_, i) => i + 1);
  // Binomial(60, 1/2): P(X <= 21) = 0.0137, P(X <= 22) = 0.0259
  expect(quantileBounds(values, 0.5, 0.025)).toEqual({ low: 22, high: 39 });
  expect(
    judgeQuantileGap(
      values.map((v) => v + 17),
      values,
      0.5,
      0,
    ),
  ).toBe('holds');
  expect(
    judgeQuantileGap(
      values.map((v) => v + 16),
      values,
      0.5,
      0,
    ),
  ).toBe('inconclusive');
  expect(
    judgeQuantileGap(
      values,
      values.map((v) => v + 18),
      0.5,
      0,
    ),
  ).toBe('does not hold');
  expect(quantileOf([4, 1, 2], 0.25)).toBe(1.5);
});

test('papers stand in the order of the list, and are called as elsewhere', () => {
  expect(papers.map(({ row }) => row)).toEqual(papers.map(({ row }) => row).toSorted((a, b) => a - b));
  for (const { arxiv, title, authors } of papers) {
    const entry = bibliography[arxiv];
    if (entry) expect([title, entry.authors ? authors : null]).toEqual([entry.title, entry.authors ?? null]);
  }
});
