import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defaultSettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { Page } from '../../src/page/page.svelte.ts';
import { defaultExperiment, experimentOf } from '../../src/shell/experiment/shared-experiment.ts';
import { experimentField } from '../../src/shell/links/experiment-link.ts';
import { LinkReader } from '../../src/shell/links/link.ts';
import { toySettings } from '../shared/link-states.ts';

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('requestAnimationFrame', (next: (now: number) => void) => setTimeout(() => next(performance.now())));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const open = (hash = ''): Promise<Page> => Page.create({ hash, choice: 'cpu', calm: true });
const ipo = { name: 'ipo', params: { beta: 0.3 } } as const;

/** Opens a view as a reader does, and waits for it. */
async function come(page: Page, view: Parameters<Page['show']>[0]): Promise<void> {
  await page.openView(view, {});
}

it('takes a loss, a step size and moved vectors from the first view into all that can show them', async () => {
  const page = await open();
  const session = page.lab('displacement');
  const vectors = { ...defaultSettings.vectors, hidden: [-1, -3, 1.5] };
  session?.change({ objective: ipo, learningRate: 0.25, vectors });
  await come(page, 'simplex');
  expect(page.lab('simplex')?.settings).toMatchObject({ objective: ipo, vectors });
  await come(page, 'map');
  expect(page.lab('map')?.state.base).toMatchObject({ objective: ipo, learningRate: 0.25, vectors, train: 'both', scale: 3 });
  await come(page, 'entanglement');
  expect(page.lab('entanglement')?.settings.objective).toEqual(ipo);
  expect(page.experiment).toMatchObject({ objective: ipo, learningRate: 0.25, vectors });
});

it('leaves a view as it comes where nothing was changed', async () => {
  const page = await open();
  const untouched = await open('#/stop/map');
  await come(page, 'map');
  expect(page.lab('map')?.state).toEqual(untouched.lab('map')?.state);
  await come(page, 'displacement');
  expect(page.lab('displacement')?.settings).toEqual(defaultSettings);
});

it('brings back what was changed elsewhere, and nothing that another view begins with', async () => {
  const page = await open();
  await come(page, 'map');
  page.lab('map')?.change({ objective: ipo });
  await come(page, 'displacement');
  expect(page.lab('displacement')?.settings).toMatchObject({ objective: ipo, train: 'hidden', scale: 1, steps: 100 });
  await come(page, 'simplex');
  page.lab('simplex')?.choose({ name: 'dpo', params: { beta: 0.2 } });
  await come(page, 'map');
  expect(page.lab('map')?.state.base.objective).toEqual({ name: 'dpo', params: { beta: 0.2 } });
});

it('takes nothing from a view that the reader has left before it was there', async () => {
  const page = await open();
  await come(page, 'map');
  await come(page, 'displacement');
  page.show('map');
  page.show('simplex');
  expect(page.experiment).toEqual(defaultExperiment);
  await come(page, 'displacement');
  expect(page.lab('displacement')?.settings).toEqual(defaultSettings);
});

it('lets a map of another toy be', async () => {
  const page = await open('#v=1&view=map&toy=suffix&m=3');
  const before = page.lab('map')?.state;
  await come(page, 'displacement');
  page.lab('displacement')?.change({ objective: ipo });
  await come(page, 'map');
  expect(page.lab('map')?.state).toEqual(before);
});

it('carries the experiment in the link of a view that shows a part of it', async () => {
  const page = await open();
  page.lab('displacement')?.change({ train: 'both' });
  page.lab('displacement')?.change({ steps: 60, objective: { expression: 'max(0, 1 - margin)', params: {} } });
  const { settings } = page.lab('displacement') ?? {};
  await come(page, 'simplex');
  const other = await open(`#${page.hash}`);
  expect(other.problems).toEqual([]);
  expect(other.view).toBe('simplex');
  await come(other, 'displacement');
  expect(other.lab('displacement')?.settings).toEqual(settings);
});

it('opens the first view with the loss of a link to another one', async () => {
  const page = await open('#v=1&view=map&loss=max(0%2C+1+-+margin)');
  await come(page, 'displacement');
  expect(page.lab('displacement')?.settings.objective).toMatchObject({ expression: 'max(0, 1 - margin)' });
});

it('names what cannot be read of an experiment, and keeps the rest', () => {
  const reader = new LinkReader(new URLSearchParams({ exp: 'train:both;lr:much;colour:red' }));
  expect(experimentField.read(reader)).toMatchObject({ train: 'both', scale: 3, learningRate: 0.1 });
  expect(reader.finish()).toMatchObject([
    { key: 'exp', value: 'lr:much' },
    { key: 'exp', value: 'colour:red' },
  ]);
});

it('reads every experiment back', () => {
  fc.assert(
    fc.property(toySettings, (settings) => {
      const experiment = experimentOf(settings);
      const reader = new LinkReader(new URLSearchParams(new URLSearchParams(experimentField.write(experiment)).toString()));
      expect(experimentField.read(reader)).toEqual(experiment);
      expect(reader.finish()).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it('tells that a view is about to go while it is still there, by a door and by a link, and only then', async () => {
  const page = await open('#/why?v=3');
  const left: string[] = [];
  page.onleave = () => left.push(page.view);
  await come(page, 'stop');
  await page.follow('#/stop?v=3');
  await page.follow('#/why?v=3&step=30');
  expect([left, page.view]).toEqual([['displacement', 'stop'], 'displacement']);
});
