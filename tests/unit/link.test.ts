import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../src/atlas/toys/no-over-never.ts';
import { isLinkTo, plainLink, readLink, writeLink } from '../../src/shell/links/link.ts';
import { type LinkState, readDisplacement, writeDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { changeSettings, forkedAt } from '../../src/views/displacement/settings.ts';
import { displacementView } from '../../src/views/displacement/view.ts';

const encodeLink = (state: LinkState): string => writeLink('why', writeDisplacement(state));

function decodeLink(hash: string) {
  const { reader, ...place } = readLink(hash);
  expect(isLinkTo(place, displacementView)).toBe(true);
  const state = readDisplacement(reader);
  return { state, problems: reader.finish() };
}

describe('links', () => {
  it('are empty for the state that the page begins with', () => {
    expect(encodeLink({ settings: defaultSettings, step: null })).toBe('');
    expect(decodeLink('')).toEqual({ state: { settings: defaultSettings, step: null }, problems: [] });
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

  it.each(['#v=4&', '#/why?v=4&', '#/why?'])('of a version that is not known open with what is understood: %s', (head) => {
    const { state, problems } = decodeLink(`${head}train=unembedding&flavour=vanilla`);
    expect(state.settings.train).toBe('unembedding');
    expect(problems.map(({ key }) => key)).toEqual(['v', 'flavour']);
  });

  it('name their place first, and nothing else where everything is the default', () => {
    const both = changeSettings(defaultSettings, { train: 'both' });
    expect(encodeLink({ settings: both, step: 4 })).toMatch(/^\/why\?v=3&train=both&.*step=4$/);
    expect(writeLink('stop/map', { run: {}, look: {} })).toBe('/stop/map');
    expect(plainLink('why')).toBe('/why');
    for (const hash of ['#/why', '#/why/', '#/', '#//why', '#/why?', '#/why?v=3'])
      expect(decodeLink(hash)).toEqual({ state: { settings: defaultSettings, step: null }, problems: [] });
    // `view` is a field of the versions before; since version 3 there is none of that name
    expect(decodeLink('#/why?v=3&view=map').problems.map(({ key }) => key)).toEqual(['view']);
    expect(readLink('#v=1&view=stop/map')).toMatchObject({ route: null, view: 'stop/map' });
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

  it('that are too long are refused', () => {
    expect(decodeLink(`loss=${'a'.repeat(10_000)}`).problems[0]?.reason).toMatch(/at most 8000/);
    expect(decodeLink(`#/why?v=3&loss=${'a'.repeat(10_000)}`).problems).toMatchObject([{ key: 'link' }]);
    expect(decodeLink(`#/${'a'.repeat(10_000)}`).problems).toMatchObject([{ key: 'link' }]);
  });
});
