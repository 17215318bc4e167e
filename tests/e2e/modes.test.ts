import { expect, test } from 'vitest';
import { problemsOf } from './axe.ts';
import { countShifts, firstScreen, screens } from './first-screen.ts';
import { openPage } from './site.ts';

test('the bandit is drawn by pointer and keys, undone, and carried by its link; descents and race follow', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=modes&steps=40&rounds=5&seeds=1&race=bon.bon-on', {
    viewport: { width: 390, height: 844 },
    reducedMotion: 'reduce',
    colorScheme: 'light',
  });
  const count = (text: RegExp | string) => page.getByText(text).count();
  const board = page.getByRole('slider', { name: /bin by bin/ });
  const undo = page.getByRole('button', { name: 'Undo' });
  const said = () => board.getAttribute('aria-valuetext');

  // with reduced motion the descents end at once, and the engine's first step is the formula's
  await expect.poll(() => count(/ahead: expected reward/)).toBe(1);
  await page.getByText('Who is faster at first: the exact formulas').click();
  const cells = await page
    .getByRole('row', { name: /^Reverse/ })
    .getByRole('cell')
    .allTextContents();
  expect(Math.abs(Number(cells[0]) - Number(cells[1]))).toBeLessThan(2e-5); // five printed decimals of float32 log-probs
  expect(await undo.isDisabled()).toBe(true);

  // keys
  await board.focus();
  for (let i = 0; i < 3; i++) await board.press('ArrowUp');
  expect(await said()).toBe('Bin 50: reward 0.0784'); // 0.0183 in levels, and three times 0.02
  expect(await count('Your own bandit.')).toBe(1);
  // presses in quick succession are taken back together; how quick these were is up to the machine
  for (let i = 0; i < 3 && (await undo.isEnabled()); i++) await board.press('Control+z');
  await expect.poll(said).toBe('Bin 50: reward 0.0183');

  // a stroke that Escape drops, and one that is kept
  const box = (await board.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const stroke = async () => {
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2, { steps: 4 });
  };
  await stroke();
  expect(await count('Your own bandit.')).toBe(0); // not kept yet
  await page.keyboard.press('Escape');
  await page.mouse.up();
  expect(await undo.isDisabled()).toBe(true);
  await stroke();
  await page.mouse.up();
  await expect.poll(() => count('Your own bandit.')).toBe(1);
  await expect.poll(() => page.evaluate(() => location.hash)).toMatch(/reward=[\w-]{134}/);
  const painted = await said();

  // the same bandit from its link
  await page.reload();
  await board.focus();
  const bin = Number(/\d+/.exec(painted ?? '')?.[0]);
  for (let i = 50; i > bin; i--) await board.press('ArrowLeft');
  expect(await said()).toBe(painted);

  // both descents were kept, and are compared
  await page.getByText('The runs so far').click();
  const runs = page.getByRole('region', { name: 'Runs of this session' });
  await expect.poll(() => runs.getByRole('listitem').count()).toBeGreaterThan(0);
  await runs.getByRole('checkbox').first().check();
  expect(await runs.getByText('shown now').count()).toBe(1);

  // the race
  await page.getByRole('button', { name: 'Race algorithms that sample' }).click();
  await page.getByRole('button', { name: 'Start the race' }).click();
  await expect.poll(() => count(/Finished: 2 runs/)).toBe(1);
  expect(await page.getByRole('row', { name: /Best-of-N/ }).count()).toBe(2);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

  expect(await problemsOf(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await close();
});

test.each(screens)(
  'both descents and their play bar stand on the first screen of $width × $height, and nothing moves while they play',
  async (viewport) => {
    const { page, complaints, close } = await openPage('#v=1&view=modes&reward=two-peaks&steps=100', {
      viewport,
      reducedMotion: 'no-preference',
      untouched: true,
      before: countShifts,
    });
    const { inside, shift } = await firstScreen(page, ['.picture [role="slider"]'], '.picture .transport');
    await expect.poll(() => page.getByRole('button', { name: 'Replay' }).count()).toBe(1);
    expect(await inside()).toEqual([]);
    expect(await shift()).toBeLessThan(0.05);
    expect(complaints).toEqual([]);
    await close();
  },
);
