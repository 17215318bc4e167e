import { describe, expect, it, vi } from 'vitest';
import { loadStudy, studyIds } from '../../src/atlas/catalogue.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import { shipped } from '../../src/atlas/shipped.ts';
import { claimViews } from '../../src/page/claim-views.ts';
import { viewOfLink } from '../../src/page/views.ts';
import type { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { readLink } from '../../src/shell/links/link.ts';
import { bibtexOfListed } from '../../src/shell/study/bibtex.ts';
import { levelsOf } from '../../src/shell/study/charts/values.ts';
import { outcomeOf } from '../../src/shell/study/judged.ts';
import { pointable } from '../../src/shell/study/pointable.ts';
import { curveTime, firstPart } from '../../src/shell/study/study-session.svelte.ts';
import { readDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { readEntanglement } from '../../src/views/entanglement/entanglement-link.ts';
import { readModes } from '../../src/views/modes/modes-link.ts';
import { searched, sectionsOf } from '../../src/views/papers/find.ts';
import { PapersLab } from '../../src/views/papers/papers.svelte.ts';
import { papersHash, readPapers } from '../../src/views/papers/papers-link.ts';

const studies = await Promise.all(studyIds.map(loadStudy));

describe('the index of the papers', () => {
  const sections = sectionsOf(studies);
  const idsOf = (query: string) => searched(sections, { query }).flatMap(({ entries }) => entries.map(({ id }) => id));

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

/** Claims of the view that the papers have taken the place of: their links were given away. */
const olderClaims =
  'no-over-never no-over-never-far scale-flip sft-anchors sft-threshold displacement-rate gainer-rank sequence-rate other-pairs no-sharing opposite-gains two-pairs longer-displaces displacement-passes displacement-rare ches-displaced ches-ranks ches-uniform ches-normalised ches-filter first-order case-table last-layer suffix-together normalised-helps normalised-shorter normalised-equal-margin sparse-helps sparse-shorter suffix-rates suffix-cases suffix-cosine larger-norm margin-grows margin-falls force-interval simpo-length normalised-update reward-is-reverse-kl first-step-exact equal-start equal-start-always rich-get-richer both-too-likely reverse-near reverse-far reverse-overtakes dominant-bin negative-gradient-exact negative-gradient-opposed negative-gradient-aligned geometry-far geometry-far-threshold geometry-near coverage best-of-n-ceiling negative-gradient-early negative-gradient-threshold negative-gradient-rate fixed-data reinforce-baseline more-data-lower winners-fall dpo-over-winners reinforce-over-dpo ipo-limit ipo-above-ceiling winners-of-two'.split(
    ' ',
  );

describe('a link to a claim', () => {
  /** The view's state as a link opens it, before any engine is there. */
  async function opened(hash: string): Promise<PapersLab> {
    const { view, reader } = viewOfLink(readLink(hash));
    expect(view).toBe('papers');
    const lab = new PapersLab({ engine: null } as PageEngineOwner);
    lab.restore(readPapers(reader));
    await vi.waitFor(() => expect(lab.studies).not.toEqual([]));
    return lab;
  }

  it.each(olderClaims)('of the older view opens its paper, at the claim: %s', async (id) => {
    const { session, claim, paper, problem } = await opened(`#/claims?v=3&claim=${id}&seed=7`);
    expect(session?.study.claims.map((one) => one.id)).toContain(id);
    expect([claim, session?.seed, problem]).toEqual([id, 7, '']);
    expect(paper).toBe(papers.find(({ row }) => row === session?.study.row)?.arxiv ?? session?.study.id);
  });

  it('of a paper shows the toy that it is of', async () => {
    const { session } = await opened('#/paper/2410.08847?v=3&claim=ches-ranks');
    expect(session?.study.id).toBe('09-ches');
  });

  it('that there is not says so over the index, until another place is opened', async () => {
    const lab = await opened('v=1&view=claims&claim=no-such-claim');
    expect([lab.paper, lab.claim, lab.session]).toEqual([null, null, null]);
    expect(lab.problem).toBe('There is no claim “no-such-claim”. Here are all papers.');
    lab.open('2410.08847');
    expect([lab.problem, lab.paper]).toEqual(['', '2410.08847']);
  });

  it('and a paper without a toy says so over the index', async () => {
    const lab = await opened('#/paper/9912.12345');
    expect([lab.paper, lab.session]).toEqual([null, null]);
    expect(lab.problem).toMatch(/no toy of “9912\.12345”/);
  });

  it('opens views that show its toy by links that hold nothing those views refuse', () => {
    const known = studies.flatMap(({ claims }) => claims.map(({ id }) => id));
    const readers = { why: readDisplacement, 'why/tug': readEntanglement, 'why/peaks': readModes } as const;
    for (const [id, { hash }] of Object.entries(claimViews)) {
      expect(known).toContain(id);
      const { route, reader } = readLink(hash);
      readers[route as keyof typeof readers](reader);
      expect(reader.finish(), id).toEqual([]);
    }
  });
});

describe('the first picture', () => {
  it('is of three seeds, or of as many as two seconds are enough for, or of the drawn arms of one', () => {
    const arm = { label: '', train: () => [] };
    const study = { arms: { a: arm, b: arm, c: arm }, plot: { kind: 'strip', y: 'y', arms: ['b'] } } as const;
    const partFor = (milliseconds: number) => firstPart(study, { milliseconds, seeds: 10 });
    expect([100, 6600, 6700, 10_000, 10_001, 20_000, 60_000].map((time) => partFor(time).seeds)).toEqual([3, 3, 2, 2, 1, 1, 1]);
    expect([20_000, 20_001].map((time) => partFor(time).arms)).toEqual([['a', 'b', 'c'], ['b']]);
    expect(firstPart(study, undefined)).toEqual({ seeds: 1, arms: ['a', 'b', 'c'] });
  });

  it('takes at most two seconds of the CPU, by the time that each study took where the results were made', () => {
    for (const study of studies) {
      const made = shipped[study.id]?.engines.cpu;
      const { seeds, arms } = firstPart(study, made);
      const share = arms.length / Object.keys(study.arms).length; // as if all took the same
      if (made) expect((share * seeds * made.milliseconds) / made.seeds, study.id).toBeLessThanOrEqual(2000);
    }
  });
});

describe('a curve', () => {
  it('comes by itself where it is quick: by its share of the arms, and of the updates', () => {
    const arms = { a: { label: 'a', train: () => [] }, b: { label: 'b', train: () => [] } };
    const lines = { kind: 'lines', y: 'y', updates: [0, 50, 100], arms: ['a'] } as const;
    // three seeds of 100 ms, one arm of two, half a run and a whole one
    expect(curveTime({ plot: lines, arms }, { milliseconds: 1000, seeds: 10 })).toBeCloseTo(3 * 100 * 0.5 * 1.5, 9);
    expect(curveTime({ plot: { kind: 'strip', y: 'y' }, arms }, { milliseconds: 1, seeds: 1 })).toBe(Number.POSITIVE_INFINITY);
    expect(curveTime({ plot: lines, arms }, undefined)).toBe(Number.POSITIVE_INFINITY);
  });

  it('of “No over Never” is quick', () => {
    const study = studies.find(({ id }) => id === '09-no-over-never');
    expect(study && curveTime(study, shipped[study.id]?.engines.cpu)).toBeLessThan(5000);
  });
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
    const text = bibtexOfListed({ ...papers[0], title: 'A & B_c', arxiv: '2403.00409', authors: ['A B', 'C D'], year: 2024 } as never);
    expect(text).toContain('title = {{A \\& B\\_c}}');
    expect(text).toContain('author = {B, A and D, C}');
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
