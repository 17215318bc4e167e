import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultSettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { Page } from '../../src/page/page.svelte.ts';
import { presetState } from '../../src/page/teach/class-presets.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { isLinkTo, plainLink, readLink, writeLink } from '../../src/shell/links/link.ts';
import { type LinkState, readDisplacement, writeDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
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

  it('hold the run before a change, and refuse one that cannot be read as a whole', () => {
    const own = changeSettings(defaultSettings, {
      objective: { expression: '-logsigmoid(beta * margin) - lambda * logp_w', params: { beta: 0.1, lambda: 0.2 } },
    });
    const before = changeSettings(forkedAt(defaultSettings, 30), { learningRate: 0.2 });
    for (const state of [
      { settings: own, before: defaultSettings, step: 100 },
      { settings: own, before, step: null },
      { settings: defaultSettings, before: own, step: 4 },
    ])
      expect(decodeLink(encodeLink(state))).toEqual({ state, problems: [] });
    expect(encodeLink({ settings: own, before: defaultSettings, step: 100 })).toMatch(/&before=default&step=100$/);
    for (const text of ['', 'p.beta=-1', 'loss=alert(1)', 'lr=0.5&colour=red', 'before=default', 'past=until%3D900%26lr%3D1']) {
      const { state, problems } = decodeLink(`#/why?v=3&lr=0.5&before=${encodeURIComponent(text)}`);
      expect(state).toEqual({
        settings: changeSettings(defaultSettings, { learningRate: 0.5 }),
        step: null,
        ...(text === '' ? { before: defaultSettings } : {}),
      });
      expect(problems.map(({ key }) => key)).toEqual(text === '' ? [] : ['before']);
      for (const { reason } of problems) expect(reason).toMatch(/^The run is shown without the one before it\. There, /);
    }
  });

  it('hold the runs that are compared, four at most, and refuse them where one cannot be read', () => {
    const forked = changeSettings(forkedAt(defaultSettings, 30), { objective: { name: 'ipo', params: { beta: 0.3 } } });
    const typed = changeSettings(defaultSettings, { objective: { expression: '-logsigmoid(beta * margin)', params: { beta: 2 } } });
    const moved = changeSettings(defaultSettings, {
      vectors: { ...defaultSettings.vectors, hidden: [0.5, -1, 0.25] },
      learningRate: 0.2,
    });
    for (const runs of [[defaultSettings], [forked, typed], [typed, moved, defaultSettings, forked]]) {
      const state = { settings: changeSettings(defaultSettings, { train: 'both' }), before: moved, runs, step: 40 };
      expect(decodeLink(encodeLink(state))).toEqual({ state, problems: [] });
    }
    expect(encodeLink({ settings: moved, runs: [defaultSettings], step: null })).toMatch(/&runs=default$/);
    const settings = changeSettings(defaultSettings, { learningRate: 0.5 });
    for (const text of ['lr=-1', 'default~loss=alert(1)', 'default~lr=0.2&runs=default', 'colour=red', 'lr=1~lr=2~lr=3~lr=4~lr=5']) {
      const { state, problems } = decodeLink(`#/why?v=3&lr=0.5&runs=${encodeURIComponent(text)}`);
      expect(state).toEqual({ settings, step: null });
      expect(problems.map(({ key }) => key)).toEqual(['runs']);
      for (const { reason } of problems)
        expect(reason).toMatch(/^The run is shown without those that it was compared with\. (There, |A link )/);
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

describe('a link of what is seen', () => {
  beforeEach(() => {
    vi.stubGlobal('addEventListener', () => {});
    vi.stubGlobal('requestAnimationFrame', (next: (now: number) => void) => setTimeout(() => next(performance.now())));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const trained = async (options: Parameters<typeof Session.create>[1]) => {
    const owner = new PageEngineOwner('cpu');
    const session = await Session.create(owner, options);
    owner.onchange = () => session.changeEngine();
    await owner.open();
    return session;
  };

  it('names the step at which a run stands: where it turns, where it was paused, its end', async () => {
    const session = await trained({});
    expect(session.link.step).toBeNull(); // a link that names none begins at the start
    session.setSpeed(Number.POSITIVE_INFINITY);
    session.play();
    expect(session.link.step).toBeNull();
    await vi.waitFor(() => expect([session.status, session.link.step]).toEqual(['paused', 22]));
    session.stepOnce();
    await vi.waitFor(() => expect(session.link.step).toBe(23));
    session.play();
    await vi.waitFor(() => expect([session.status, session.link.step]).toEqual(['finished', 100]));
    session.pin(60);
    expect(session.link.step).toBe(60);
    session.play(); // once more through what is known
    session.hover(3);
    expect(session.link.step).not.toBe(3);
    session.dispose();

    // the end is there at once, before there is an engine
    const { state } = decodeLink(`#${encodeLink({ settings: defaultSettings, step: 100 })}`);
    const opened = await Session.create(new PageEngineOwner('cpu'), { link: state });
    expect([opened.shown.step, opened.steps.length, opened.isPlaying]).toEqual([100, 101, false]);
    expect(opened.shown.probs?.[0]).toBeCloseTo(0.0026, 3);
    opened.dispose();
    const again = await trained({ link: state });
    await vi.waitFor(() => expect(again.status).toBe('finished'));
    expect(again.link.step).toBe(100);
    again.dispose();
  });

  it('holds the run before a change, which is compared with at once where it is opened, and which undo goes back to', async () => {
    const session = await trained({ calm: true });
    session.change({ objective: { name: 'ipo', params: { beta: 0.1 } }, learningRate: 0.005 });
    await vi.waitFor(() => expect([session.status, session.before?.length]).toEqual(['finished', 101]));
    const { state, problems } = decodeLink(`#${encodeLink(session.link)}`);
    expect([state.before, problems]).toEqual([defaultSettings, []]);

    const opened = await Session.create(new PageEngineOwner('cpu'), { link: state });
    // before there is an engine; to the last bit, as it is the same engine
    expect(opened.before?.map(({ probs }) => probs)).toEqual(session.before?.map(({ probs }) => probs));
    expect([opened.settings, opened.comparedSettings]).toEqual([session.settings, defaultSettings]);
    expect(opened.link).toEqual(session.link);
    opened.undo();
    expect([opened.settings, opened.canUndo]).toEqual([defaultSettings, false]);
    await vi.waitFor(() => expect(opened.before).toBeNull());
    opened.dispose();

    // on an open page it takes the place of what was compared there, and a link without one leaves none
    const other = await trained({ calm: true });
    other.change({ train: 'both' });
    other.restore(state);
    await vi.waitFor(() => expect([other.comparedSettings, other.link.before]).toEqual([defaultSettings, defaultSettings]));
    other.undo();
    expect(other.settings).toEqual(defaultSettings);
    other.undo();
    expect(other.settings.train).toBe('both');
    other.restore({ settings: state.settings, step: null });
    await vi.waitFor(() => expect([other.before, other.link.before]).toEqual([null, undefined]));
    other.dispose();
    session.dispose();
  });

  it('holds the runs that are ticked, which are trained where it is opened, and takes the place of what was ticked there', async () => {
    const session = await trained({ calm: true });
    const keptOf = (of: Session) =>
      of.compared.map(({ settings, states, finished }) => ({ settings, finished, states: states.map(({ probs }) => probs) }));
    const ends = (of: Session) => vi.waitFor(() => expect([of.status, of.shown.step]).toEqual(['finished', of.settings.steps]));
    for (const change of [{ learningRate: 0.5 }, { train: 'both' }, { steps: 40 }] as const) {
      session.change(change);
      await ends(session);
    }
    for (const number of [1, 2]) session.runs.compare(number, true);
    const { state, problems } = decodeLink(`#${encodeLink(session.link)}`);
    expect([state.runs?.map(({ learningRate, train }) => [learningRate, train]), problems]).toEqual([
      [
        [0.5, 'hidden'],
        [0.1, 'both'],
      ],
      [],
    ]);

    const opened = await Session.create(new PageEngineOwner('cpu'), { link: state });
    expect(opened.link.runs).toEqual(state.runs); // also while they are trained
    await vi.waitFor(() => expect(opened.compared).toHaveLength(2));
    // to the last bit: the same engine trained them
    expect(keptOf(opened)).toEqual(keptOf(session));
    expect(opened.link.runs).toEqual(state.runs);
    opened.dispose();

    // one that is kept already is not trained again, and a link without any leaves none
    const [kept] = session.runs.runs;
    session.restore({ ...state, runs: [...(state.runs ?? []).slice(0, 1), defaultSettings] });
    await vi.waitFor(() => expect(session.compared.map(({ settings }) => settings.learningRate)).toEqual([0.5, 1]));
    expect(session.compared[0]).toBe(kept);
    session.restore({ settings: state.settings, step: null });
    expect([session.compared, session.link.runs]).toEqual([[], undefined]);
    // a link that overtakes another one is what is compared with
    session.restore({ settings: state.settings, step: null, runs: [changeSettings(defaultSettings, { steps: 60 })] });
    session.restore({ settings: state.settings, step: null, runs: [changeSettings(defaultSettings, { steps: 70 })] });
    await vi.waitFor(() => expect(session.compared).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(session.compared.map(({ settings }) => settings.steps)).toEqual([70]);
    session.dispose();
  });

  it('names none where the run has begun by itself, until the reader is there', async () => {
    const session = await trained({});
    session.setSpeed(Number.POSITIVE_INFINITY);
    expect(session.beginsByItself).toBe(true);
    session.beginByItself();
    await vi.waitFor(() => expect([session.status, session.shown.step]).toEqual(['paused', 22]));
    expect(session.link).toMatchObject({ step: null });
    expect(session.link.waits).toBeUndefined();
    session.leaveToReader();
    expect(session.link).toMatchObject({ step: 22, waits: true });
    session.dispose();
  });

  it('begins by itself only on the page’s own run, from its start, and for nobody who wants no animation', async () => {
    for (const options of [
      { calm: true },
      { link: { settings: defaultSettings, step: 40 } },
      { link: { settings: defaultSettings, step: 22, waits: true } },
      { link: { settings: changeSettings(defaultSettings, { train: 'both' }), step: null } },
      { whole: true },
    ]) {
      const session = await Session.create(new PageEngineOwner('cpu'), options);
      expect(session.beginsByItself).toBe(false);
      session.beginByItself();
      expect(session.isPlaying).toBe(false);
      session.dispose();
    }
    const session = await trained({});
    session.leaveToReader();
    session.beginByItself();
    expect([session.isPlaying, session.shown.step]).toEqual([false, 0]);
    session.dispose();
  });

  it('names none where a reader who wants no animation has done nothing', async () => {
    const session = await trained({ calm: true });
    await vi.waitFor(() => expect([session.status, session.shown.step]).toEqual(['paused', 22]));
    expect(session.link.step).toBeNull();
    session.change({ steps: 30 });
    await vi.waitFor(() => expect([session.status, session.link.step]).toEqual(['finished', 30]));
    session.dispose();
  });

  it('to a lesson holds what the lesson has led to, and nothing that was changed before it', async () => {
    const page = await Page.create({ hash: '', choice: 'cpu', calm: true });
    const session = page.lab('displacement');
    if (!session) throw new Error('The page has not opened its first view.');
    const { hidden, unembedding } = defaultSettings.vectors;
    const vectors = { hidden, unembedding: unembedding.map((row) => row.map((value) => 2 * value)) };
    session.change({ vectors });
    session.groups = [{ tokens: [0, 1] }];
    session.pin(4);
    const state = { embed: false, projector: false, ...presetState(displacementView, 'everything') };
    expect(page.hashWith(state)).toMatch(/&W=.*&group=No\.Never&before=default&step=4$/);
    const lesson = { ...state, ...presetState(displacementView, 'lesson') };
    expect(page.hashWith(lesson)).toBe('/why?v=3&hide=tabs&lesson=displacement');
    // under way: of a guess about dragged vectors the vectors, and no more
    page.presentation.change({ lesson: { id: 'displacement', step: 3 } });
    session.isTaught = true;
    expect(page.hash).toMatch(/^\/why\?v=3&W=[^&]*&lesson=displacement&part=4$/);
    session.change(defaultSettings);
    expect(page.hash).toBe('/why?v=3&lesson=displacement&part=4');
    session.dispose();
  });
});
