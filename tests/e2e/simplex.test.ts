import { expect, test } from 'vitest';
import { countShifts, misfits, screens, shiftOf, watchShifts } from './first-screen.ts';
import { openPage, openSections, playback } from './site.ts';

test('the hatched part follows the angle, keys move the reference and begin a trajectory, and the link has it all', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=simplex');
  const share = (text: string) => expect.poll(() => page.getByText(text).count()).toBeGreaterThan(0);
  await openSections(page, 'More: what the picture says', 'More: along the trajectory, in numbers');
  await share('“No” falls in 50.0');
  // below a right angle the boundary leaves the triangle
  const angle = page.getByRole('slider', { name: /^Angle at/ });
  await angle.press('Home');
  await share('“No” falls from no point.');
  await page.getByRole('button', { name: 'The toy’s own' }).click();
  await share('“No” falls in 50.0');

  const start = page.getByRole('slider', { name: 'Start 1' });
  const before = await start.getAttribute('aria-valuetext');
  await start.press('ArrowUp');
  await expect.poll(() => start.getAttribute('aria-valuetext')).not.toBe(before);
  await start.press('Enter');
  await expect.poll(() => page.getByRole('slider', { name: 'Start 2' }).count()).toBe(1);
  await page.getByLabel('Point shown').press('Home');
  await expect.poll(() => page.getByText('Every dot in the triangle is at this time').textContent()).toContain('At time 0:');
  await page.getByLabel('Third corner').selectOption('rest');
  await share('the third corner pools “Yes”, “Sure”, “Maybe”, “the”');
  await expect.poll(() => new URL(page.url()).hash).toMatch(/^#\/why\/triangle\?v=3&third=rest&from=/);
  expect(complaints).toEqual([]);
  await close();
});

test.each(screens)(
  'at $width × $height the triangle and its time line are on the first screen, and nothing shifts while it comes and plays',
  async (viewport) => {
    const { page, complaints, close } = await openPage('?engine=cpu#v=1&view=simplex', {
      viewport,
      reducedMotion: 'no-preference',
      untouched: true,
      before: countShifts,
    });
    const button = (name: string) => playback(page).getByRole('button', { name, exact: true });
    await expect.poll(() => button('Replay').isEnabled()).toBe(true);
    await page.getByText('with free logits').getByText('0 %').waitFor();
    const seen = ['.triangle canvas', '.say', '[aria-label="Playback"]', '[aria-label="Playback"] input'];
    expect(await misfits(page, seen)).toEqual([]);
    expect(await shiftOf(page)).toBeLessThan(0.05);
    const shown = page.getByLabel('Point shown');
    await shown.press('Home');
    await button('Play').waitFor();
    const shifts = await watchShifts(page);
    await button('Play').click();
    await button('Replay').waitFor({ timeout: 120_000 });
    expect(await shown.inputValue()).toBe(await shown.getAttribute('max'));
    expect(await misfits(page, seen)).toEqual([]);
    expect(await shifts()).toBeLessThan(0.05);
    expect(complaints).toEqual([]);
    await close();
  },
);
