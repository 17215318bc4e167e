import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultSettings, trainPresets } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { withNorm } from '../../src/core/vectors.ts';
import { Page } from '../../src/page/page.svelte.ts';
import { experimentWords } from '../../src/shell/experiment/experiment-words.ts';
import { notShown } from '../../src/shell/experiment/not-shown.ts';
import { defaultExperiment, shownOf } from '../../src/shell/experiment/shared-experiment.ts';
import { defaultMap, PhaseMap } from '../../src/views/map/phase-map.svelte.ts';
import { cellValues, plainAxis, positionOf } from '../../src/views/map/toys/map-axes.ts';
import { toyOf } from '../../src/views/map/toys/map-toys.ts';
import { mapFields } from '../../src/views/stop/stop-link.ts';

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('requestAnimationFrame', (next: (now: number) => void) => setTimeout(() => next(performance.now())));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A map on its own, of which the page has said what the reader's run is. */
function mapWith(mine: Partial<typeof defaultExperiment>, change: Partial<typeof defaultMap> = {}): PhaseMap {
  const map = new PhaseMap(() => null, { ...defaultMap, ...change });
  map.meet({ ...defaultExperiment, ...mine });
  return map;
}
const fieldsOf = (map: PhaseMap) => map.readersRun?.differs.map(({ field }) => field);

describe('the reader’s run on the map', () => {
  it('is marked by its own two numbers, not by those that the map begins with', () => {
    const map = mapWith({ scale: 2, learningRate: 0.5 });
    expect(map.present).toEqual([positionOf(2, map.x), positionOf(0.5, map.y)]);
    expect(map.base).toMatchObject({ scale: 3, learningRate: 0.1 }); // the map's runs are what they were
    // as the page comes: c = 1 stands at the axis' lower end
    expect(mapWith({}).present).toEqual([0, positionOf(1, map.y)]);
  });

  it('is told by what it has otherwise, and by nothing that is on an axis', () => {
    expect(mapWith({}).readersRun?.differs).toEqual([
      { field: 'train', name: 'Training', own: 'the hidden vector', here: 'both' },
      { field: 'steps', name: 'Updates', own: '100', here: '200' },
    ]);
    expect(fieldsOf(mapWith({ ...trainPresets.both, train: 'both', steps: 200, learningRate: 7 }))).toEqual([]);
    expect(fieldsOf(mapWith({ train: 'both', steps: 200, scale: 2 }, { x: plainAxis('steps') }))).toEqual(['scale']);
    expect(fieldsOf(mapWith({ train: 'both', steps: 200, objective: { name: 'ipo', params: { beta: 0.1 } } }))).toEqual(['objective']);
  });

  it('compares the rest where an axis varies a part of the vectors or of the loss', () => {
    const longer = { ...defaultSettings.vectors, hidden: withNorm(defaultSettings.vectors.hidden, 7) };
    const mine = { train: 'both', scale: 3, steps: 200, vectors: longer } as const;
    expect(fieldsOf(mapWith(mine, { x: plainAxis('size') }))).toEqual([]);
    expect(fieldsOf(mapWith(mine, { x: plainAxis('similarity') }))).toEqual(['vectors']);
    const beta = { train: 'both', scale: 3, steps: 200, objective: { name: 'dpo', params: { beta: 0.7 } } } as const;
    const map = mapWith(beta, { x: plainAxis('p.beta') });
    expect(fieldsOf(map)).toEqual([]);
    expect(map.present?.[0]).toBe(positionOf(0.7, map.x));
    expect(fieldsOf(mapWith(beta))).toEqual(['objective']);
  });

  it('has no cross off the drawn range, or without the parameter of an axis, and it is said which', () => {
    const off = mapWith({ scale: 12 });
    expect(off.present).toBeNull();
    expect(off.readersRun?.beyond.map(({ axis, value }) => [axis.id, value])).toEqual([['scale', 12]]);
    const margin = mapWith(
      { objective: { name: 'dpo', params: { beta: 0.1 } } },
      { base: { ...defaultMap.base, objective: { name: 'simpo' } }, x: plainAxis('p.gamma') },
    );
    expect(margin.present).toBeNull();
    expect(margin.readersRun?.without.map(({ id }) => id)).toEqual(['p.gamma']);
  });

  it('is the cell that the reader picks or walks to, with everything, and the map can be made of it', () => {
    const map = mapWith({});
    map.pick([0.3, 0.6]);
    const [column, row] = [Math.floor(0.3 * 64), Math.floor(0.6 * 64)];
    const [scale, learningRate] = [cellValues(map.x.range, 64)[column], cellValues(map.y.range, 64)[row]];
    expect(map.given).toEqual({ ...defaultExperiment, train: 'both', steps: 200, scale, learningRate });
    expect(map.readersRun?.differs).toEqual([]);
    expect(map.present).toEqual([positionOf(scale ?? 0, map.x), positionOf(learningRate ?? 0, map.y)]);
    map.move(1, 0);
    expect(map.given.scale).toBe(cellValues(map.x.range, 64)[column + 1]);

    const other = mapWith({ steps: 60 });
    other.adopt();
    expect(other.base).toMatchObject({ train: 'hidden', steps: 60, scale: 1, learningRate: 1 });
    expect(other.readersRun?.differs).toEqual([]);
  });

  it('is none on a map of another toy, whose own setting is marked', () => {
    const map = mapWith({ scale: 2 });
    map.pick([0.3, 0.6]);
    const { given } = map;
    map.setToy('suffix');
    expect(map.readersRun).toBeNull();
    expect(map.present).toEqual([positionOf(8, map.x), positionOf(0.2, map.y)]);
    expect(map.given).toEqual(given); // the reader's run is not the toy's
    map.setToy('displacement');
    expect(map.given).toEqual(given);
    expect(map.present?.[0]).toBe(positionOf(given.scale ?? Number.NaN, map.x));
  });
});

describe('the reader’s run in the page', () => {
  it('is named by as much of it as the open view shows', async () => {
    const page = await Page.create({ hash: '', choice: 'cpu', calm: true });
    const label = () => experimentWords(page.experiment, shownOf(page.opened(page.view)?.state.sharing)).label;
    expect(label()).toBe('No over Never · DPO');
    for (const [view, words] of [
      ['stop', 'No over Never'],
      ['entanglement', 'DPO'],
      ['simplex', 'No over Never · DPO'],
      ['groups', ''],
      ['modes', ''],
    ] as const) {
      await page.openView(view, {});
      expect(label(), view).toBe(words);
    }
    await page.openView('simplex', {});
    page.lab('simplex')?.change({ chosen: 2 });
    expect(label()).toBe('DPO');
  });

  it('goes from the first view to the map’s cross, and a picked cell back with everything', async () => {
    const page = await Page.create({ hash: '', choice: 'cpu', calm: true });
    page.lab('displacement')?.change({ scale: 2.5, learningRate: 0.4 });
    await page.openView('map', {});
    const map = page.lab('map');
    if (!map) throw new Error('The map has not opened.');
    map.meet(page.experiment);
    expect(map.present).toEqual([positionOf(2.5, map.x), positionOf(0.4, map.y)]);
    const shown = () => notShown(experimentWords(page.experiment), page.opened('map')?.state.sharing?.shows?.() ?? {});
    expect(shown()).toBe('This view has its own training and updates.');
    map.pick([0.9, 0.9]);
    const { base } = map;
    expect(page.experiment).toMatchObject({ train: 'both', steps: 200, scale: base.scale, learningRate: base.learningRate });
    expect(shown()).toBeNull();
    const again = await Page.create({ hash: `#${page.hash}`, choice: 'cpu', calm: true });
    expect(again.experiment).toEqual(page.experiment);
    again.lab('map')?.meet(again.experiment);
    expect(again.lab('map')?.present).toEqual(map.present);
    const session = page.lab('displacement');
    const before = session?.settings;
    // opened with the map's own button, as a whole: that is no second change
    await page.openView('displacement', toyOf('displacement').opensIn?.settings(base) ?? {});
    expect(session?.settings).toMatchObject({ train: 'both', steps: 200, scale: base.scale, learningRate: base.learningRate });
    session?.undo();
    expect(session?.settings).toEqual(before);
  });

  it('comes along where another view links to the map with what the map has anyway', async () => {
    const page = await Page.create({ hash: '#/stop?v=3&train=both&steps=200', choice: 'cpu', calm: true });
    const settings = page.lab('stop')?.settings;
    if (!settings) throw new Error('The view has not opened.');
    await page.follow(page.linkTo('map', mapFields(settings)));
    expect(page.problems).toEqual([]);
    expect(page.experiment).toMatchObject({ train: 'both', scale: 3, learningRate: 0.1, steps: 200 });
  });
});
