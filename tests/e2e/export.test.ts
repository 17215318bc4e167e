import { expect, test } from 'vitest';
import { dependent, save, show, unresolved } from './saved.ts';
import { openPage, openSections, runEnds } from './site.ts';

test('a figure, its numbers and its scripts are saved, and each stands alone', async () => {
  const { page, complaints, close } = await openPage('#v=1&step=30');
  await runEnds(page, 30);
  // the flow between the bars has its colours, and the dashed boxes of the start their dashes
  const main = (await save(page, 'Probability of each answer', 'SVG')).toString();
  expect(main).not.toMatch(dependent);
  expect(main.match(/<linearGradient/g)?.length).toBeGreaterThan(0);
  expect(main.match(/<linearGradient[^>]*><stop [^>]*stop-color="rgb\([^>]*\/?><stop /g)).toHaveLength(
    main.match(/<linearGradient/g)?.length ?? 0,
  );
  expect(main).toMatch(/<rect [^>]*stroke-dasharray=/);
  // who gains is hatched in its bar, as on the page: in the bands the hatch lies twice, over what is seen and over the column
  const hatches = [...main.matchAll(/<pattern [^>]*id="([^"]+)"/g)].map(([, name = '']) => main.split(`fill="url(#${name})"`).length - 1);
  expect(hatches.toSorted()).toEqual([1, 2]);
  expect(unresolved(main)).toEqual([]);
  await openSections(page, 'Curves over the steps', 'The objective', 'Why it happens');
  const svg = await save(page, 'Training curves', 'SVG');
  const text = svg.toString();
  expect(text).not.toMatch(dependent);
  expect(unresolved(text)).toEqual([]);
  for (const part of ['update 30 of 100', 'no random draws', /prefscope \d/, '#/why?v=3&amp;step=30', 'displacement'])
    expect(text).toMatch(part);

  const empty = await page.context().newPage();
  const drawn = await show(empty, svg, 'image/svg+xml');
  expect(drawn.width).toBeGreaterThan(300);
  // the chosen answer's curve has its colour, which the page's style sheets gave it
  const [, chosen = ''] = /stroke="(rgb\([^"]+\))"[^>]*d="M/.exec(text) ?? /d="M[^>]*stroke="(rgb\([^"]+\))"/.exec(text) ?? [];
  expect(drawn.colours[chosen]).toBeGreaterThan(20);

  const png = await show(empty, await save(page, 'Training curves', 'PNG'), 'image/png');
  expect([png.width, png.height]).toEqual([2 * drawn.width, 2 * drawn.height]);
  expect(png.colours[chosen]).toBeGreaterThan(80);

  const csv = (await save(page, 'Training curves', 'CSV')).toString().trim().split('\n');
  const [head = '', ...rows] = csv.filter((line) => !line.startsWith('#'));
  expect(head.split(',').slice(0, 6)).toEqual(['step', 'loss', 'chosen_logp', 'rejected_logp', 'margin', 'logp_No']);
  expect(rows).toHaveLength(101);
  expect(rows.every((row) => row.split(',').length === head.split(',').length)).toBe(true);
  const json = JSON.parse((await save(page, 'Training curves', 'JSON')).toString());
  expect(json.steps[30].chosenLogps[0]).toBe(Number(rows[30]?.split(',')[2]));
  expect((await save(page, 'The objective', 'TeX')).toString()).toContain('\\log\\sigma');
  expect((await save(page, 'The objective', 'PyTorch')).toString()).toContain('F.logsigmoid(beta * margin)');
  expect((await save(page, 'The objective', 'TRL')).toString()).toContain('loss_type=["sigmoid"]');

  await page.getByRole('button', { name: 'Export: Why it happens' }).click();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('button', { name: 'Export: Why it happens' }).getAttribute('aria-expanded')).toBe('false');
  expect(complaints).toEqual([]);
  await close();
});

test('the flow on the simplex and an objective of the catalogue are saved', async () => {
  const { page, complaints, close } = await openPage('#v=1&view=simplex', { reducedMotion: 'reduce' });
  await openSections(page, 'More: what the picture says', 'More: along the trajectory, in numbers');
  await expect.poll(() => page.getByText('“No” falls in 50.0').count()).toBeGreaterThan(0);
  await expect.poll(() => page.getByText('Every dot in the triangle').count()).toBe(1);
  const text = (await save(page, 'Simplex', 'SVG')).toString();
  expect(text).not.toMatch(dependent);
  expect(unresolved(text)).toEqual([]);
  for (const part of ['gradient flow of DPO', 'no random draws', /prefscope \d/, '#/why/triangle']) expect(text).toMatch(part);
  expect(text).not.toContain('Click anywhere');
  // the streamlines, as a picture; and the hatching of the part where the chosen answer falls
  expect(/data:image\/png;base64,([^"]+)/.exec(text)?.[1]?.length).toBeGreaterThan(100_000);
  expect(text).toMatch(/<pattern [^>]*id="/);

  const csv = (await save(page, 'Simplex', 'CSV')).toString().trim().split('\n');
  const [head = '', ...rows] = csv.filter((line) => !line.startsWith('#'));
  expect(head).toBe('kind,line,point,time,p_No,p_Never,p_Yes,chosen_rate');
  expect(rows.filter((row) => row.startsWith('streamline,')).length).toBeGreaterThan(10_000);
  expect(rows.filter((row) => row.startsWith('trajectory,1,')).length).toBeGreaterThan(100);
  expect((await save(page, 'Simplex', 'PyTorch')).toString()).toContain('def flow(logits):');

  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('link', { name: 'All objectives' }).click();
  await page.getByRole('heading', { name: 'SimPO', exact: true }).click(); // its entry is folded
  expect((await save(page, 'SimPO', 'TRL')).toString()).toContain('class Trainer(DPOTrainer)');
  expect((await save(page, 'SimPO', 'TeX')).toString()).toContain('\\gamma = 0.5');
  expect(complaints).toEqual([]);
  await close();
});
