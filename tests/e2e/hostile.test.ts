import { expect, test } from 'vitest';
import { openPage, openSections, percentOf, runEnds } from './site.ts';

test.each(['log(logp_w)', 'margin/(logp_w - ref_w)', 'log(margin)'])(
  'a link whose loss is not finite at its start, %s, opens the page and says so',
  async (loss) => {
    const { page, complaints, close } = await openPage(`#v=1&loss=${encodeURIComponent(loss)}`);
    const dialog = page.getByRole('dialog', { name: /could not be used/ });
    await dialog.waitFor();
    expect(await dialog.getByRole('listitem').count()).toBe(1);
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await runEnds(page);
    expect(await percentOf(page, 'No')).toBeLessThan(1);
    expect(complaints).toEqual([]);
    await close();
  },
);

test('a run that explodes is drawn to its end, as the loss sees it', async () => {
  const { page, complaints, close } = await openPage('?engine=cpu#/why?v=3&lens=sees&loss=-logp_w%5E2&lr=1');
  await runEnds(page);
  expect(complaints).toEqual([]);
  await close();
});

test.each(['-logp_w/0.5', 'log(logp_w)', 'exp(1000*logp_l)/0'])('%s, typed with pauses, leaves a live page', async (loss) => {
  const { page, complaints, close } = await openPage('');
  await runEnds(page);
  await openSections(page, 'The objective');
  const line = page.getByLabel(/The loss of one pair, as text/);
  await line.fill('');
  // The page tries a line once the reader pauses: every beginning of it is tried.
  await line.pressSequentially(loss, { delay: 700 });
  await line.blur();
  await expect.poll(() => page.getByRole('region', { name: 'Playback' }).count()).toBe(1);
  await expect.poll(() => page.getByText('This part of the page stopped').count()).toBe(0);
  expect(await line.inputValue()).toBe(loss);
  expect(await percentOf(page, 'No')).toBeGreaterThanOrEqual(0);
  expect(complaints).toEqual([]);
  await close();
});
