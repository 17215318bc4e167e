import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LinkState, readDisplacement, writeDisplacement } from '../../src/app/displacement-link.ts';
import { readLink, writeLink } from '../../src/app/link.ts';
import { objectives, type PageChoice, viewObjective } from '../../src/app/objective-view.ts';
import { changeSettings, defaultSettings, forkedAt, ranges } from '../../src/app/settings.ts';
import { defaultMarks } from '../../src/app/token-marks.ts';

const encodeLink = (state: LinkState): string => writeLink('displacement', writeDisplacement(state));

function decodeLink(hash: string) {
  const { view, reader } = readLink(hash);
  expect(view).toBe('displacement');
  const state = readDisplacement(reader);
  return { state, problems: reader.finish() };
}

const within = ({ min, max, integer }: { min: number; max: number; integer: boolean }): fc.Arbitrary<number> =>
  integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true, noDefaultInfinity: true });

const named: fc.Arbitrary<PageChoice> = fc.constantFrom(...objectives).map(({ id, parameters }) => ({
  name: id,
  params: Object.fromEntries(Object.entries(parameters).map(([name, { default: value }]) => [name, value])),
}));
const typed: fc.Arbitrary<PageChoice> = fc
  .tuple(
    fc.constantFrom('-logsigmoid(beta * margin)', 'softplus(-k * (logp_w - logp_l)) - 0.5 * logp_w', 'square(logp_w - logp_l - 1 / tau)'),
    fc.double({ min: 0.01, max: 9, noNaN: true }),
  )
  .map(([expression, value]) => ({
    expression,
    params: Object.fromEntries(viewObjective({ expression }).parameters.map(({ name }) => [name, value])),
  }));

// -0 is written as 0
const vector = fc.array(
  fc.double({ min: -20, max: 20, noNaN: true }).map((value) => value + 0),
  { minLength: 3, maxLength: 3 },
);

const mark = fc.constantFrom('acceptable' as const, 'harmful' as const, null);
const marks = fc.tuple(fc.constant(null), fc.constant(null), mark, mark, mark, mark);

const states: fc.Arbitrary<LinkState> = fc
  .record({
    train: fc.constantFrom('hidden', 'unembedding', 'both'),
    scale: within(ranges.scale),
    learningRate: within(ranges.learningRate),
    steps: within(ranges.steps),
    objective: fc.oneof(named, typed),
    vectors: fc.record({ hidden: vector, unembedding: fc.array(vector, { minLength: 6, maxLength: 6 }) }),
  })
  .chain((settings) =>
    fc.record({ settings: fc.constant(settings), step: fc.option(fc.integer({ min: 0, max: settings.steps })), marks }),
  ) as fc.Arbitrary<LinkState>;

describe('links', () => {
  it('are empty for the state that the page begins with', () => {
    expect(encodeLink({ settings: defaultSettings, step: null })).toBe('');
    expect(decodeLink('')).toEqual({ state: { settings: defaultSettings, step: null }, problems: [] });
  });

  it('bring every state back, to the last digit', () => {
    fc.assert(
      fc.property(states, (state) => {
        const { state: back, problems } = decodeLink(`#${encodeLink(state)}`);
        expect(problems).toEqual([]);
        expect(back.step).toBe(state.step);
        expect(back.marks ?? defaultMarks).toEqual(state.marks);
        const { objective, ...numbers } = back.settings;
        const { objective: sent, ...sentNumbers } = state.settings;
        expect(numbers).toEqual(sentNumbers);
        const values = (choice: PageChoice) => viewObjective(choice).parameters.map(({ name, value }) => [name, value]);
        expect(values(objective)).toEqual(values(sent));
        expect('name' in objective ? objective.name : objective.expression).toBe('name' in sent ? sent.name : sent.expression);
      }),
      { numRuns: 4000 },
    );
  });

  it('say what was wrong, and keep what was right', () => {
    const { state, problems } = decodeLink(
      '#v=1&train=both&scale=99&lr=0.5&objective=nope&p.beta=-1&steps=1.5&colour=red&step=4000&marks=hhhh',
    );
    expect(state.settings).toMatchObject({ train: 'both', learningRate: 0.5, steps: 100, scale: 3 });
    expect(state.settings.objective).toMatchObject({ name: 'dpo', params: { beta: 0.1 } });
    expect(problems.map(({ key }) => key).sort()).toEqual(['colour', 'marks', 'objective', 'p.beta', 'scale', 'step', 'steps']);
    for (const { reason } of problems) expect(reason.length).toBeGreaterThan(10);
  });

  it('hold forks, and refuse a past that cannot be read as a whole', () => {
    const settings = changeSettings(forkedAt(defaultSettings, 30), {
      learningRate: 0.2,
      objective: { name: 'ipo', params: { beta: 0.3 } },
    });
    const twice = changeSettings(forkedAt(settings, 50), { learningRate: 0.7 });
    for (const forked of [settings, twice]) {
      const { state, problems } = decodeLink(encodeLink({ settings: forked, step: null }));
      expect(problems).toEqual([]);
      expect(state.settings).toEqual(forked);
    }
    for (const past of [
      'until%3D30',
      'until%3D300%26lr%3D1',
      'until%3D30%26lr%3D1~until%3D20%26lr%3D1',
      '~',
      'until%3D3%26lr%3D1%26x%3D1',
    ]) {
      const { state, problems } = decodeLink(`#v=1&past=${past}`);
      expect(problems.map(({ key }) => key)).toEqual(['past']);
      expect(state.settings).toEqual(defaultSettings);
    }
  });

  it('of a newer version open with what is understood', () => {
    const { state, problems } = decodeLink('#v=2&train=unembedding&flavour=vanilla');
    expect(state.settings.train).toBe('unembedding');
    expect(problems.map(({ key }) => key)).toEqual(['v', 'flavour']);
  });

  // Links that were given away: they must open for ever.
  it.each([
    ['v=1&train=both&step=40', { train: 'both', scale: 3, learningRate: 0.1 }, 40],
    [
      'v=1&objective=ipo&p.beta=0.5&lr=0.02&steps=200',
      { objective: { name: 'ipo', params: { beta: 0.5 } }, learningRate: 0.02, steps: 200 },
      null,
    ],
    [
      'v=1&loss=-logsigmoid%28beta+*+%28logp_w+-+logp_l%29%29+-+lambda+*+logp_w&p.lambda=0.05',
      { objective: { expression: '-logsigmoid(beta * (logp_w - logp_l)) - lambda * logp_w', params: { beta: 0.1, lambda: 0.05 } } },
      null,
    ],
  ])('version 1: %s', (hash, settings, step) => {
    const { state, problems } = decodeLink(hash);
    expect(problems).toEqual([]);
    expect(state.settings).toMatchObject(settings);
    expect(state.step).toBe(step);
  });

  it('that were tampered with never throw', () => {
    fc.assert(
      fc.property(states, fc.array(fc.tuple(fc.nat(300), fc.string({ maxLength: 5 })), { maxLength: 8 }), (state, edits) => {
        let hash = encodeLink(state);
        for (const [at, text] of edits) hash = hash.slice(0, at) + text + hash.slice(at + text.length);
        const { state: opened } = decodeLink(hash);
        viewObjective(opened.settings.objective);
        expect(Number.isFinite(opened.settings.learningRate * opened.settings.steps * opened.settings.scale)).toBe(true);
      }),
      { numRuns: 4000 },
    );
  });

  it('that are too long are refused', () => {
    expect(decodeLink(`loss=${'a'.repeat(10_000)}`).problems[0]?.reason).toMatch(/at most 8000/);
  });
});
