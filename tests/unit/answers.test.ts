import { describe, expect, it } from 'vitest';
import { answers } from '../../src/atlas/answers/catalogue.ts';
import { bibliography } from '../../src/atlas/bibliography.ts';
import { loadStudy } from '../../src/atlas/catalogue.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import { isCurve, runCurves } from '../../src/atlas/run-study.ts';
import { shipped } from '../../src/atlas/shipped.ts';
import { drawnArms, drawnMeasures } from '../../src/atlas/study.ts';
import { entryOf } from '../../src/build/entries.ts';
import { rooms } from '../../src/build/rooms.ts';
import { openEngine } from '../../src/index.ts';
import { viewOfLink } from '../../src/page/views.ts';
import { readLink } from '../../src/shell/links/link.ts';
import { curveTime, joinedCurves } from '../../src/shell/study/study-session.svelte.ts';
import { answersHash, readAnswers } from '../../src/views/answers/answers-link.ts';

const readingIds = Object.values(
  import.meta.glob<string>('../../src/data/logs/readings/*.ts', { query: '?raw', import: 'default', eager: true }),
).flatMap((source) => [...source.matchAll(/id: '([a-z0-9-]+)'/g)].map(([, id]) => id));

describe.each(answers)(
  'the answer $slug',
  ({ slug, question, said, study: id, claim: wanted, controls, trl, papers: cited = [], readings = [], related, panels }) => {
    it('asks one question and answers it in three sentences', () => {
      expect(question).toMatch(/^(?:[A-Z]|k1).{10,90}\?$/);
      for (const sentence of said) expect(sentence).toMatch(/^[A-Z0`].{20,260}\.$/);
      expect(said.join(' ').length).toBeLessThan(620);
    });

    it('stands on a claim whose shipped verdict is the expected one', async () => {
      const { claims, parameters } = await loadStudy(id);
      const claim = claims.find((each) => each.id === wanted);
      expect(claim).toBeDefined();
      expect(shipped[id]?.engines.cpu?.verdicts[wanted]).toBe(claim?.expected);
      for (const name of controls ?? []) expect(Object.keys(parameters)).toContain(name);
    });

    it('draws what its study has, cause beside effect, under a sentence each', async () => {
      const { arms, measures, parameters } = await loadStudy(id);
      for (const { says, plot, lines = {}, turn } of panels) {
        expect(says).toMatch(/^[A-Z“0… ].{10,110}[.…]$/);
        expect(Object.keys(measures)).toEqual(
          expect.arrayContaining([...drawnMeasures({ plot }), ...(plot.kind === 'scatter' ? [plot.x] : [])]),
        );
        const shown = drawnArms({ plot, arms });
        expect(Object.keys(arms)).toEqual(expect.arrayContaining([...shown]));
        const ends = drawnMeasures({ plot }).length > 1 ? drawnMeasures({ plot }) : shown;
        for (const name of Object.keys(lines)) expect(ends).toContain(name);
        if (turn) expect(ends).toContain(turn.line);
        if (plot.kind === 'law') {
          const { min = Number.NaN, max = Number.NaN } = parameters[plot.over] ?? {};
          for (const place of plot.at) expect(place >= min && place <= max).toBe(true);
        }
      }
    });

    it('draws its lines by itself, without being asked', async () => {
      const study = await loadStudy(id);
      const plots = panels.map(({ plot }) => plot);
      if (plots.some(isCurve)) expect(curveTime(study, shipped[id]?.engines.cpu, plots)).toBeLessThan(5000);
    });

    it('says what TRL does, of a version', () => {
      expect(trl).toMatch(/\b1\.9\.0\b/);
    });

    it('cites papers that have a title, and leads to other answers', () => {
      for (const arxiv of cited) expect(bibliography[arxiv]?.title ?? papers.find((paper) => paper.arxiv === arxiv)?.title).toBeDefined();
      expect(related.length).toBeGreaterThan(1);
      for (const other of related) expect(answers.map((one) => one.slug)).toContain(other);
      expect(related).not.toContain(slug);
    });

    it('names readings of a log that there are', () => {
      for (const reading of readings) expect(readingIds).toContain(reading);
    });

    it('has a link, and an entry two folders below the page', () => {
      const link = { answer: slug, values: [['beta', 0.2]], seed: 3 } as const;
      const { view, reader } = viewOfLink(readLink(answersHash(link)));
      expect(view).toBe('answers');
      expect(readAnswers(reader)).toEqual(link);
      expect(reader.finish()).toEqual([]);
      const room = rooms.find((each) => each.room === `answer/${slug}`);
      expect(room?.title).toBe(question);
      const html = '<title>x</title><meta name="description" content="y"><script src="./a.js"></script>';
      const entry = entryOf(html, { route: `answer/${slug}`, title: question, summary: said[0] }, null, '../../');
      expect(entry).toContain(`content="answer/${slug}" data-page="../../"`);
      expect(entry).toContain('src="../../a.js"');
    });
  },
);

it('lines of some seeds, with the others behind them, are the lines of all', async () => {
  const [engine, study] = [await openEngine({ backend: 'cpu' }), await loadStudy('often-squeezing')];
  const plots = answers.find(({ slug }) => slug === 'squeezing')?.panels.map(({ plot }) => plot) ?? [];
  const of = (seed: number, seeds: number) => runCurves(study, plots, engine, { seed, seeds });
  const [first, rest, all] = [await of(4, 1), await of(5, 2), await of(4, 3)];
  engine.dispose();
  expect(all).toHaveLength(2);
  expect(rest.map((curve, k) => joinedCurves(first[k] ?? null, curve))).toEqual(all);
  expect(joinedCurves(null, first[0] ?? null)).toBe(first[0]);
});

it('an answer that there is not is said', () => {
  const { view, reader } = viewOfLink(readLink('/answer/Why not'));
  expect(view).toBe('answers');
  expect(readAnswers(reader).answer).toBeNull();
  expect(reader.finish()[0]?.reason).toMatch(/An answer is named/);
});
