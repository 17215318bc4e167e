import { afterAll, describe, expect, it } from 'vitest';
import { loadStudy } from '../../src/atlas/catalogue.ts';
import { judgeClaim } from '../../src/atlas/judge-claim.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import * as library from '../../src/index.ts';
import { itemsOf } from '../../src/shell/exports/export.ts';
import { csvOf } from '../../src/shell/exports/export-table.ts';
import { reportHtml, reportMarkdown } from '../../src/shell/exports/report.ts';
import { readLink } from '../../src/shell/links/link.ts';
import type { Judged } from '../../src/shell/study/judged.ts';
import { studyExports } from '../../src/shell/study/study-export.ts';
import { type ExportedSession, notebookCell } from '../../src/shell/study/study-report.ts';
import { papersHash, readPapers } from '../../src/views/papers/papers-link.ts';

const engine = await library.openEngine({ backend: 'cpu' });
afterAll(() => engine.dispose());

const study = await loadStudy('37-negative-gradient');
const paper = papers.find(({ row }) => row === 37);
const { page } = study.seeds;
const usual = Object.fromEntries(Object.entries(study.parameters).map(([name, { default: value }]) => [name, value]));

/** A session with so many seeds trained from `seed` on, as the page has it. */
async function trained(seeds: number, seed = 1, changed: readonly (readonly [string, number])[] = []): Promise<ExportedSession> {
  const values = { ...usual, ...Object.fromEntries(changed) };
  const { table } = await library.runStudy(study, engine, { seeds, seed, values });
  const result: Judged = { table, claims: study.claims.map((claim) => judgeClaim(claim, table)), backend: 'cpu', from: 'here' };
  return { study, seed, values, changed, seedsHere: seeds, result, verdicts: result, isDecided: seeds >= page, shipped: undefined };
}
const exportsOf = (session: ExportedSession) =>
  studyExports(
    session,
    papersHash({ paper: paper?.arxiv ?? session.study.id, study: session.study.id, values: session.changed, seed: session.seed }),
  );
const all = await trained(page, 7);

describe('what a paper’s page hands out', () => {
  it('is a report, a figure, the table, the data and the formulas', () => {
    expect(itemsOf(exportsOf(all)).map(({ format }) => format)).toEqual(['html', 'markdown', 'svg', 'png', 'csv', 'json', 'tex']);
  });

  it('names the paper, the seeds, the engine and a link that opens the same study', () => {
    const { seen, seed, engine: by, state, hash = '' } = exportsOf(all);
    expect(seen).toContain(`${paper?.title}, arXiv:2404.14367`);
    expect([seed, by, state]).toEqual([`7 to ${6 + page}`, 'CPU, float64', `trained here, ${page} seeds`]);
    const { reader } = readLink(`#${hash}`);
    expect(readPapers(reader)).toMatchObject({ paper: '2404.14367', study: study.id, seed: 7 });
    expect(reader.finish()).toEqual([]);
  });

  it('has a line of the table for each arm and seed, with the very numbers', () => {
    const [header, ...lines] = csvOf(exportsOf(all).table?.() ?? { columns: [], rows: [] }, [])
      .trim()
      .split('\n');
    const measures = Object.keys(study.measures);
    expect(header).toBe(['arm', 'seed', ...measures].join(','));
    const arms = Object.entries(all.result?.table ?? {});
    expect(lines).toHaveLength(arms.length * page);
    expect(lines.at(-1)?.split(',').map(Number).slice(1)).toEqual([
      6 + page,
      ...measures.map((name) => arms.at(-1)?.[1][name]?.at(-1) ?? Number.NaN),
    ]);
  });

  it('gives a claim’s verdict only where all seeds of the usual parameters are there', async () => {
    const resultsOf = (session: ExportedSession) => {
      const { claims = [] } = (exportsOf(session).data?.() ?? {}) as { claims?: { result: string | null }[] };
      return claims.map(({ result }) => result);
    };
    expect(resultsOf(all)).toEqual(study.claims.map(() => expect.stringMatching(new RegExp(`^holds: ${page} of ${page} seeds$`))));
    const [name = '', parameter] = Object.entries(study.parameters)[0] ?? [];
    for (const none of [await trained(2), await trained(page, 1, [[name, parameter?.max ?? 1]])]) {
      expect(resultsOf(none)).toEqual(study.claims.map(() => null));
      expect(JSON.stringify(exportsOf(none).report?.())).not.toContain('holds:');
    }
  });

  it('writes the formula and what each claim requires as TeX, its notes as comments', () => {
    const tex = exportsOf(all).tex?.(['from\nhere']) ?? '';
    expect(tex).toContain(study.tex);
    expect(tex).toContain('% from here');
    expect(tex.match(/\\\[/g)).toHaveLength(1 + study.claims.length);
    for (const { statement } of study.claims) expect(tex).toContain(`% ${statement}`);
  });

  it('reports all of it on a page that needs nothing else', () => {
    const report = exportsOf(all).report?.();
    if (!report) throw new Error('There is no report.');
    const html = reportHtml(report, '<svg></svg>', ['from here']);
    expect(html).not.toMatch(/<(?:script|link|img|iframe)|\bsrc=|@import|url\(/);
    const escaped = (text: string) =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
    for (const text of [
      study.finding,
      study.mechanism,
      study.setup,
      study.leavesOut,
      study.tex,
      paper?.title ?? '',
      'our reading of the paper',
    ])
      expect(html).toContain(escaped(text));
    for (const { statement, because, refutedBy } of study.claims)
      for (const text of [statement, because, refutedBy]) expect(html).toContain(escaped(text));
    expect(html).toContain('author = {Tajwar, Fahim and ');
    expect(reportMarkdown(report, '<svg></svg>', []).split('\n')[0]).toBe(`# ${study.finding}`);
  });
});

describe('the cell of a notebook', () => {
  it('trains the same again, to the bit', async () => {
    const session = await trained(3, 5, [[Object.keys(study.parameters)[0] ?? '', 0.5]]);
    const body = notebookCell(session).replaceAll(/^import \{ (.*) \} from .*;$/gm, 'const { $1 } = given;');
    expect(body).not.toContain('import');
    const AsyncFunction = (async () => {}).constructor as new (...text: string[]) => (given: object) => Promise<unknown>;
    const again = await new AsyncFunction('given', `${body}\nreturn table;`)({ ...library, engineInWorker: async () => engine });
    expect(again).toEqual(session.result?.table);
  });
});
