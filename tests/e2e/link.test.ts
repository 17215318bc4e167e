import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { engineOpens, openPage, openSections, percentOf, playback, runEnds, shownStep } from './site.ts';

test('a link opens the run and the step that it names, and the address follows what is changed', async () => {
  const { page, complaints, close } = await openPage('#v=1&train=both&step=40');
  await expect.poll(() => shownStep(page)).toBe(40);
  const shared = await percentOf(page, 'No');
  await openSections(page, 'Change the run');
  await page.getByRole('radio', { name: /Unembedding/ }).check({ force: true });
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&train=unembedding&before=train%3Dboth&step=100');
  await runEnds(page);
  expect(await percentOf(page, 'No')).toBeGreaterThan(99);
  await page.goBack();
  await expect.poll(() => shownStep(page)).toBe(40);
  await expect.poll(() => percentOf(page, 'No')).toBe(shared); // until the run is trained again, the last one is shown
  await page.goForward();
  await runEnds(page);
  expect(await percentOf(page, 'No')).toBeGreaterThan(99);
  expect(complaints).toEqual([]);
  await close();
});

test('the link of a run that has ended opens at its end, at once', async () => {
  const { page, close } = await openPage('?engine=cpu', { reducedMotion: 'no-preference' });
  await runEnds(page);
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&step=100');
  const shown = await percentOf(page, 'No');
  await close();
  const other = await openPage('?engine=cpu#/why?v=3&step=100', { reducedMotion: 'no-preference' });
  await other.page.getByText('Now try to stop it.').waitFor();
  expect([await shownStep(other.page), await percentOf(other.page, 'No')]).toEqual([100, shown]);
  await expect
    .poll(() => other.page.getByRole('slider', { name: 'Step shown' }).getAttribute('aria-valuetext'))
    .toBe('update 100 of 100, 100 trained');
  expect(other.complaints).toEqual([]);
  await other.close();
});

test('the link of a run that waits at its turn opens it as it was seen, on a new page and on one whose run has ended', async () => {
  const motion = { reducedMotion: 'no-preference' } as const;
  const { page, close } = await openPage('?engine=cpu', motion);
  await engineOpens(page);
  await playback(page).getByRole('button', { name: 'Play' }).click();
  await playback(page).getByRole('button', { name: 'Go on' }).waitFor();
  const told = (on: Page) => on.getByRole('region', { name: 'What happened so far' });
  const hash = '#/why?v=3&step=22&waits=yes';
  await expect.poll(() => new URL(page.url()).hash).toBe(hash);
  const sentence = await told(page).innerText();
  const shown = await percentOf(page, 'No');
  const waitsThere = async (on: Page) => {
    await playback(on).getByRole('button', { name: 'Go on' }).waitFor();
    const timeline = on.getByRole('slider', { name: 'Step shown' });
    await expect.poll(() => timeline.getAttribute('aria-valuetext')).toBe('update 22 of 100, 22 trained');
    await on.getByText(/78\s+(updates )?to go/).waitFor();
    expect([await told(on).innerText(), await percentOf(on, 'No')]).toEqual([sentence, shown]);
  };
  await waitsThere(page);
  const other = await openPage(`?engine=cpu${hash}`, motion);
  await waitsThere(other.page);
  await playback(other.page).getByRole('button', { name: 'Go on' }).click();
  await runEnds(other.page);
  expect(other.complaints).toEqual([]);
  await other.close();
  await playback(page).getByRole('button', { name: 'Go on' }).click();
  await runEnds(page);
  await expect.poll(() => new URL(page.url()).hash).toBe('#/why?v=3&step=100');
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await waitsThere(page);
  await close();
});

test('the link of a typed loss shows it beside the run that it was compared with, and undo goes back to that one', async () => {
  const { page, close } = await openPage('?engine=cpu#/why?v=3&step=100');
  await engineOpens(page);
  // what is trained while somebody types is no run to compare with
  const line = page.getByLabel('The loss of one pair; edit it to train your own');
  await line.fill('-logsigmoid(beta*(score_w-score_l))');
  await page.waitForTimeout(1000); // longer than changes are put together by themselves
  await line.fill('-logsigmoid(beta*(score_w-score_l)) - 0.3*logp_w');
  const outcome = (on: Page) => on.getByRole('status').filter({ hasText: 'ends at' });
  await expect.poll(() => outcome(page).textContent()).toMatch(/was\s+0\.26/);
  await runEnds(page);
  await expect.poll(() => new URL(page.url()).hash).toMatch(/0\.3\*logp_w&before=default&step=100/); // no address of what was typed first
  const seen = async (on: Page) => ({
    outcome: (await outcome(on).innerText()).replaceAll(/\s+/g, ' '),
    before: await on.locator('.run path.before').first().getAttribute('d'),
    name: await on
      .locator('.run text.word')
      .filter({ hasText: /No (with|before)/ })
      .textContent(),
    sentence: await on.getByRole('region', { name: 'What happened so far' }).innerText(),
  });
  const sent = await seen(page);
  expect(sent.name).toBe('No with DPO');
  const other = await openPage(`?engine=cpu${new URL(page.url()).hash}`);
  await engineOpens(other.page);
  await expect.poll(() => seen(other.page)).toEqual(sent);
  await other.page.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await expect.poll(() => percentOf(other.page, 'No')).toBeLessThan(1);
  await expect
    .poll(() =>
      other.page
        .locator('.run text.word')
        .filter({ hasText: /No (with|before)/ })
        .count(),
    )
    .toBe(0);
  await expect.poll(() => new URL(other.page.url()).hash).toBe('#/why?v=3&step=100');
  expect(other.complaints).toEqual([]);
  await other.close();
  await close();
});

test('a bad link opens with what is valid and lists the rest', async () => {
  const { page, complaints, close } = await openPage('#v=1&train=unembedding&lr=-3&loss=%3Cimg%20src%3Dx%3E');
  const dialog = page.getByRole('dialog', { name: /could not be used/ });
  await dialog.waitFor();
  expect(await dialog.getByRole('listitem').count()).toBe(2);
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await runEnds(page);
  expect(await percentOf(page, 'No')).toBeGreaterThan(99);
  expect(complaints).toEqual([]);
  await close();
});
