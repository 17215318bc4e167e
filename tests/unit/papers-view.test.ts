import { describe, expect, it } from 'vitest';
import { loadStudy, studyIds } from '../../src/atlas/catalogue.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import { readLink } from '../../src/shell/links/link.ts';
import { levelsOf } from '../../src/views/papers/charts/values.ts';
import { searched, sectionsOf } from '../../src/views/papers/find.ts';
import { outcomeOf } from '../../src/views/papers/judged.ts';
import { bibtexOfPaper } from '../../src/views/papers/page/bibtex.ts';
import { pointable } from '../../src/views/papers/page/pointable.ts';
import { papersHash, readPapers } from '../../src/views/papers/papers-link.ts';

const studies = await Promise.all(studyIds.map(loadStudy));

describe('the index of the papers', () => {
  const sections = sectionsOf(studies);
  const idsOf = (query: string) => searched(sections, query, null).flatMap(({ entries }) => entries.map(({ id }) => id));

  it('has each paper once, with every study of its own', () => {
    const entries = sections.flatMap(({ entries: some }) => some);
    expect(entries.flatMap(({ paper }) => paper?.row ?? []).toSorted((a, b) => a - b)).toEqual(papers.map(({ row }) => row));
    expect(entries.flatMap(({ studies: some }) => some.map(({ id }) => id)).toSorted()).toEqual([...studyIds].toSorted());
  });

  it('finds by words of the finding and the claims, by author, by number and by row, whatever the accents and capitals', () => {
    expect(idsOf('')).toHaveLength(sections.flatMap(({ entries }) => entries).length);
    expect(idsOf('positive MARGIN')).toContain('2405.19534');
    expect(idsOf('Chowdhury')).toEqual(['2403.00409']);
    expect(idsOf('2403.00409')).toEqual(['2403.00409']);
    expect(idsOf('row 13')).toContain('2405.19534');
    expect(idsOf('chówdhury')).toEqual(['2403.00409']);
    expect(idsOf('no such words anywhere')).toEqual([]);
  });

  it('keeps every finding within eight words', () => {
    for (const { id, finding } of studies) expect(finding.split(/\s+/).length, id).toBeLessThanOrEqual(8);
  });
});

describe('what came of a paper', () => {
  const claim = (id: string, kind: 'identity' | 'toy' | 'empirical' = 'toy') => ({ id, kind });
  const outcome = (verdicts: Readonly<Record<string, string>>, ...claims: ReturnType<typeof claim>[]) =>
    outcomeOf([{ id: 's', claims: claims as never }], (_, id) => verdicts[id]);

  it('is told from what was decided of what the paper says; then of the toy, then of identities', () => {
    expect(outcome({ a: 'holds', b: 'holds' }, claim('a'), claim('b'))).toBe('holds');
    expect(outcome({ a: 'holds', b: 'does not hold' }, claim('a'), claim('b'))).toBe('in part');
    expect(outcome({ a: 'holds', b: 'inconclusive' }, claim('a'), claim('b'))).toBe('in part');
    expect(outcome({ a: 'does not hold' }, claim('a'))).toBe('does not hold');
    expect(outcome({ a: 'inconclusive' }, claim('a'))).toBe('no verdict');
    expect(outcome({}, claim('a'))).toBe('no verdict');
    expect(outcome({ a: 'holds', b: 'does not hold' }, claim('a', 'identity'), claim('b'))).toBe('does not hold');
    expect(outcome({ a: 'holds' }, claim('a', 'identity'))).toBe('holds');
    expect(outcome({ a: 'holds', b: 'does not hold' }, claim('a', 'empirical'), claim('b'))).toBe('holds');
  });
});

describe('links to papers', () => {
  const read = (hash: string) => {
    const { reader } = readLink(hash);
    return { state: readPapers(reader), problems: reader.finish() };
  };

  it('name a paper in their place, and come back as they were written', () => {
    const link = { paper: '2403.00409', values: [['flips', 0.2] as const, ['beta', 1e-3] as const], seed: 1001 };
    const hash = papersHash(link);
    expect(hash).toMatch(/^\/paper\/2403\.00409\?v=3&set=/);
    const { state, problems } = read(hash);
    expect(state).toMatchObject(link);
    expect(problems).toEqual([]);
    expect(read(papersHash({})).state.paper).toBeNull();
    expect(papersHash({ paper: 'often-scale' })).toBe('/paper/often-scale');
  });

  it.each(['/paper/../etc', '/paper/2410.08847x', '/paper/<script>'])('open the index where no paper can have that name: %s', (hash) => {
    const { state, problems } = read(hash);
    expect(state.paper).toBeNull();
    expect(problems).toHaveLength(1);
  });

  it.each(['set=beta', 'set=beta:1~beta:2', 'set=beta:nan', 'set=beta:1e999', 'set=__proto__:1', 'seed=0', 'theme=none', 'claim=A%20B'])(
    'refuse %s in words',
    (field) => {
      const { problems } = read(`/paper/2403.00409?v=3&${field}`);
      expect(problems.map(({ key }) => key)).toEqual([field.split('=')[0]]);
    },
  );
});

describe('a formula whose symbols are those of controls', () => {
  const parameter = (symbol: string) => ({ label: symbol, symbol, min: 0, max: 1, default: 0 });

  it('marks each symbol where it stands, and nothing within commands or words', () => {
    const tex = pointable('\\beta\\log\\frac{n}{N}+\\mathrm{n}', { beta: parameter('\\beta'), count: parameter('n') });
    expect(tex).toBe('\\class{symbol symbol-beta}{\\beta}\\log\\frac{\\class{symbol symbol-count}{n}}{N}+\\mathrm{n}');
  });

  it('leaves every formula as it was but for the marks', () => {
    for (const { tex, parameters } of studies)
      expect(pointable(tex, parameters).replaceAll(/\\class\{symbol symbol-\w+\}\{((?:[^{}]|\{[^{}]*\})*)\}/g, '$1')).toBe(tex);
  });
});

describe('a paper as BibTeX', () => {
  it('has title, authors, year and number, with TeX’s own signs escaped', () => {
    const text = bibtexOfPaper({ ...papers[0], title: 'A & B_c', arxiv: '2403.00409', authors: ['A B', 'C D'], year: 2024 } as never);
    expect(text).toContain('title = {{A \\& B\\_c}}');
    expect(text).toContain('author = {A B and C D}');
    expect(text).toContain('eprint = {2403.00409}');
  });
});

describe('dots on a line', () => {
  it('that would cover one another stand on levels of their own, as many as there is room for', () => {
    expect(levelsOf([0, 100], 8)).toEqual([0, 0]);
    expect(levelsOf([0, 1, 2], 8)).toEqual([0, -1, 1]);
    expect(levelsOf([0, 1, 2, 3, 4], 8, 2)).toEqual([0, -1, 1, 1, 1]);
  });
});
