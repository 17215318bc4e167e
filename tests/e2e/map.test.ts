import type { Page } from 'playwright';
import { expect, inject, test } from 'vitest';
import { countShifts, firstScreen, screens } from './first-screen.ts';
import { dependent, overprinted, save, show, unresolved } from './saved.ts';
import { openPage, runEnds } from './site.ts';

const ends = (page: Page, text: RegExp) => expect.poll(() => page.getByText(text).count()).toBe(1);

test('a map is trained, walked with the keyboard, cancelled, goes on, and opens a run', async () => {
  const { page, complaints, close } = await openPage('?engine=webgpu#v=1&view=map&cells=32');
  await ends(page, /runs in [\d.]+ s on the GPU/);
  const map = page.getByRole('button', { name: /Map of regimes/ });
  await map.focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('ArrowUp');
  // the run trained again by itself agrees with its cell to float32's rounding
  await expect.poll(() => page.getByText(/the map holds/).count()).toBe(1);
  const difference = /a difference of (\S+?)\.?$/.exec((await page.getByText(/the map holds/).textContent())?.trim() ?? '')?.[1] ?? '';
  expect(difference === '0' || /10⁻[⁵⁶⁷⁸⁹]|10⁻¹/u.test(difference)).toBe(true);
  await page.getByRole('button', { name: 'Pin this run' }).click();
  expect(await page.getByRole('button', { name: 'Unpin A' }).count()).toBe(1);
  // the crosshair is the present setting, which the link holds
  await expect.poll(() => new URL(page.url()).hash).toContain('scale=');
  await page.getByLabel('Cells').selectOption('128');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => page.getByText(/Cancelled; what was finished stays/).count()).toBe(1);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => page.getByRole('progressbar').count()).toBe(1);
  await map.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await runEnds(page, 200);
  await expect.poll(() => new URL(page.url()).hash).toContain('steps=200');
  expect(complaints).toEqual([]);
  await close();
});

test.each([
  ['click', { viewport: { width: 1366, height: 768 } }],
  ['tap', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
] as const)('a %s on a cell makes it the present run, beside the map, and opening it takes everything along', async (how, options) => {
  const { page, complaints, close } = await openPage('#/stop/map?v=3&cells=32&steps=60', options);
  await ends(page, /runs in [\d.]+ s/);
  const map = page.getByRole('button', { name: /Map of regimes/ });
  const { width = 0, height = 0 } = (await map.boundingBox()) ?? {};
  const run = page.getByRole('region', { name: 'The run under the pointer' });
  const heading = run.getByRole('heading').first();
  const before = await heading.textContent();
  await map[how]({ position: { x: 0.8 * width, y: 0.7 * height } });
  await expect.poll(() => heading.textContent()).not.toBe(before);
  expect(await page.getByRole('heading', { name: 'Where does the good answer fall?' }).count()).toBe(1);
  await expect.poll(() => new URL(page.url()).hash).toContain('scale=');
  // the pointer goes to the button over other cells, and leaves the map: the run stays
  const picked = await heading.textContent();
  if (how === 'click') await page.mouse.move((await map.boundingBox())?.x ?? 0, 400, { steps: 4 });
  const open = run.getByRole('button', { name: 'Open this run' });
  const { y = 0, height: high = 0 } = (await open.boundingBox()) ?? {};
  expect(y + high).toBeLessThanOrEqual(options.viewport.height);
  await open.hover();
  await expect.poll(() => heading.textContent()).toBe(picked);
  await open[how]();
  await runEnds(page, 60);
  await expect.poll(() => new URL(page.url()).hash).toMatch(/^#\/why\?/); // the address follows
  const { hash } = new URL(page.url());
  for (const [key, label] of [
    ['scale', 'scale c'],
    ['lr', 'learning rate η'],
  ] as const) {
    const shown = Number(new RegExp(`${label} ([\\d.]+)`).exec(picked ?? '')?.[1]);
    expect(Number(new RegExp(`[?&]${key}=([^&]+)`).exec(hash)?.[1]) / shown, key).toBeCloseTo(1, 2);
  }
  if (how === 'click') {
    await page.goBack();
    await ends(page, /runs in [\d.]+ s/);
    await map.dblclick({ position: { x: 0.3 * width, y: 0.3 * height } });
    await runEnds(page, 60);
  }
  expect(complaints).toEqual([]);
  await close();
});

test.each(screens)(
  'the whole map and its progress stand on the first screen of $width × $height, and nothing moves while it fills',
  async (viewport) => {
    const { page, complaints, close } = await openPage('#v=1&view=map&cells=32', { viewport, untouched: true, before: countShifts });
    const { inside, shift } = await firstScreen(page, ['.picture canvas'], '.picture [role="status"]');
    await expect.poll(() => page.getByText(/runs in [\d.]+ s/).count()).toBe(1);
    expect(await inside()).toEqual([]);
    expect(await shift()).toBeLessThan(0.05);
    // a run stands beside the map before anybody points
    await expect.poll(() => page.getByText(/the map holds/).count()).toBe(1);
    // and the largest regimes are named on it
    expect(await page.locator('.picture svg text.name').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await close();
  },
);

test('the cross stands where the reader’s own run lies, it is said what that run has otherwise, and the map is made of it', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/stop/map?v=3&cells=32&steps=20&exp=scale:2;lr:0.1', {
    viewport: { width: 1366, height: 768 },
  });
  await ends(page, /runs in [\d.]+ s/);
  const run = page.getByRole('region', { name: 'The run under the pointer' });
  const place = async () => {
    const [map, cross] = [
      await page.locator('.picture canvas').boundingBox(),
      await page.locator('.picture path.cross').last().boundingBox(),
    ];
    if (!map || !cross) throw new Error('The map has no cross.');
    return [(cross.x + cross.width / 2 - map.x) / map.width, 1 - (cross.y + cross.height / 2 - map.y) / map.height];
  };
  // c = 2 of 1 to 5, η = 0.1 of 0.001 to 10
  for (const [axis, at] of (await place()).entries()) expect(at).toBeCloseTo([1 / 4, 1 / 2][axis] ?? 0, 2);
  expect(await page.locator('.picture text.here').textContent()).toContain('your run’s place');
  await expect.poll(() => run.getByRole('heading').first().textContent()).toMatch(/scale c 2\b|scale c 1\.9|scale c 2\.0/);
  const said = page.getByText(/Your own differs: training the hidden vector \(here both\)\./);
  await said.waitFor();
  await page.getByRole('button', { name: 'Map my run' }).click();
  await expect.poll(() => new URL(page.url()).hash).toContain('train=hidden');
  await expect.poll(() => page.locator('.picture text.here').textContent()).toContain('you are here');
  expect(await said.count()).toBe(0);
  await page.goto('about:blank');
  await page.goto(`${inject('site')}?engine=cpu#/stop/map?v=3&cells=32&steps=20&exp=lr:100`);
  await page.getByText('Your run lies off this map: learning rate η 100, and here 0.001 to 10.').waitFor();
  expect(await page.locator('.picture path.cross').count()).toBe(0);
  expect(complaints).toEqual([]);
  await close();
});

test('two objectives and several seeds on one plane, and the figures', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=map&cells=32&steps=20&seeds=2&noise=0.2&compare=yes&o.objective=simpo');
  await ends(page, /5,120\s+runs in [\d.]+ s/);
  for (const name of ['DPO', 'SimPO', 'SimPO against DPO']) expect(await page.getByRole('heading', { name, exact: true }).count()).toBe(1);
  // orange and blue mean what they mean elsewhere, and the lines are explained beside them
  const legend = page.locator('.picture');
  for (const words of ['nearer to taken over', 'nearer to learned', /a first small step leaves the chosen answer where it is/])
    expect(await legend.getByText(words).count(), String(words)).toBe(1);
  const size = () => page.locator('canvas').evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).width));
  expect(await size()).toEqual([64, 64, 64]); // two seeds beside each other in each of 32 columns
  const panel = 'Phase map: regime';
  const csv = (await save(page, panel, 'CSV')).toString().trim().split('\n');
  expect(csv.filter((line) => line.startsWith('#'))).toHaveLength(3);
  expect(csv).toHaveLength(3 + 1 + 2 * 2 * 32 * 32);
  const json = JSON.parse((await save(page, panel, 'JSON')).toString());
  expect(json.maps.map(({ runs }: { runs: { state: number[] } }) => runs.state.length)).toEqual([2048, 2048]);
  const svg = await save(page, panel, 'SVG');
  const text = svg.toString();
  expect(text).not.toMatch(dependent);
  expect(unresolved(text)).toEqual([]);
  for (const part of ['seed 0 to 1', '#/stop/map?v=3', 'image/png;base64', 'learning rate η']) expect(text).toContain(part);
  expect(text.replace(/<[^>]*>/g, ' ')).toMatch(/prefscope\s+0\./); // the caption may break between the two
  const empty = await page.context().newPage();
  expect(await overprinted(empty, text)).toEqual([]);
  const { colours } = await show(empty, svg, 'image/svg+xml');
  for (const regime of ['rgb(159, 208, 255)', 'rgb(242, 217, 139)']) expect(colours[regime], regime).toBeGreaterThan(1000);
  expect((await save(page, panel, 'TeX')).toString().match(/\\ell = /g)).toHaveLength(2);
  // another toy, with runs of its own and a metric that only it has
  await page.getByLabel('Toy').selectOption('labels');
  await page.getByLabel('Colour').selectOption('reward');
  await ends(page, /5,120\s+runs in [\d.]+ s/);
  await expect.poll(() => new URL(page.url()).hash).toContain('toy=labels');
  expect(complaints).toEqual([]);
  await close();
});

test('a large map of a link asks first, with its time, and trains the coarser one that it offers', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=map&cells=256&seeds=9&steps=2000&compare=yes&o.objective=simpo');
  await expect.poll(() => page.getByText(/This map needs about \d+ (minutes|hours) more on this machine/).count()).toBe(1);
  expect(await page.getByRole('progressbar').count()).toBe(0);
  await page.getByRole('button', { name: /^Make it \d+ × \d+: about/ }).click();
  await expect.poll(() => page.getByRole('progressbar').count()).toBe(1);
  await expect.poll(() => new URL(page.url()).hash).toMatch(/cells=(32|128)|seeds=9/);
  expect(await page.getByText(/This map needs/).count()).toBe(0);
  // what the reader sets by hand begins at once
  await page.getByLabel('Cells').selectOption('256');
  await expect.poll(() => page.getByRole('progressbar').count()).toBe(1);
  expect(complaints).toEqual([]);
  await close();
});
