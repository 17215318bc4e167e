// @module-tag slow
import { afterAll, describe, expect, it } from 'vitest';
import { loadStudy, studyIds } from '../../src/atlas/catalogue.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import { shipped } from '../../src/atlas/shipped.ts';
import { rowOf } from '../../src/atlas/study.ts';
import { themes } from '../../src/atlas/themes.ts';
import { course, stepsAround } from '../../src/atlas/ways/course.ts';
import { disagreements } from '../../src/atlas/ways/disagreements.ts';
import { firstMonth } from '../../src/atlas/ways/first-month.ts';
import { lossesIn, papersThatTrain, trained } from '../../src/atlas/ways/trained.ts';
import { lossesOfStudy } from '../../src/build/losses-of-study.ts';
import { hashOf } from '../../src/build/ship-study.ts';
import { openEngine } from '../../src/index.ts';
import { catalogue, slugOf } from '../../src/objectives/whole-catalogue.ts';
import { readLink } from '../../src/shell/links/link.ts';
import { sectionsOf } from '../../src/views/papers/find.ts';
import { partingHash, readPapers } from '../../src/views/papers/papers-link.ts';
import { markRoom, timelineOf } from '../../src/views/papers/ways/timeline.ts';

const studies = await Promise.all(studyIds.map(loadStudy));
const engine = await openEngine({ backend: 'cpu' });
afterAll(() => engine.dispose());

describe('the course', () => {
  it('has every paper once, theme by theme, each with one sentence that leads to it', () => {
    expect(course.map(({ arxiv }) => arxiv).toSorted()).toEqual(papers.map(({ arxiv }) => arxiv).toSorted());
    expect(course.map(({ number }) => number)).toEqual(course.map((_, index) => index + 1));
    const order = [...new Set(course.map(({ theme }) => theme))];
    expect(order).toEqual(Object.keys(themes));
    for (const [index, { theme, paper, leads }] of course.entries()) {
      expect(theme).toBe(paper.theme);
      expect(order.indexOf(theme)).toBeGreaterThanOrEqual(order.indexOf(course[index - 1]?.theme ?? theme));
      expect(leads).toMatch(/^[A-Z].{20,130}[.?]$/);
    }
    expect(new Set(course.map(({ leads }) => leads)).size).toBe(course.length);
  });

  it('is walked from its first paper to its last and back', () => {
    const walked = [];
    for (let at = course[0]; at; at = stepsAround(at.arxiv)?.after) walked.push(at.arxiv);
    expect(walked).toEqual(course.map(({ arxiv }) => arxiv));
    const back = [];
    for (let at = course.at(-1); at; at = stepsAround(at.arxiv)?.before) back.unshift(at.arxiv);
    expect(back).toEqual(walked);
    expect(stepsAround('9912.12345')).toBeUndefined();
  });
});

describe('the timeline', () => {
  it('takes the month from the number, in the year that the reading list has', () => {
    expect(firstMonth('2410.08847').toISOString()).toBe('2024-10-01T00:00:00.000Z');
    expect(firstMonth('2206.02231').toISOString()).toBe('2022-06-01T00:00:00.000Z');
    for (const { arxiv, year } of papers) expect(firstMonth(arxiv).getUTCFullYear(), arxiv).toBe(year);
  });

  it.each([360, 700, 1100, 1800])('marks every paper within %i pixels, none over another, months in order', (width) => {
    const { lanes, years, height, left } = timelineOf(sectionsOf(studies), width);
    const marks = lanes.flatMap((lane) => lane.marks);
    expect(marks.map(({ entry }) => entry.id).toSorted()).toEqual(papers.map(({ arxiv }) => arxiv).toSorted());
    for (const { top, height: tall, marks: own } of lanes)
      for (const { y } of own) {
        expect(y - markRoom / 2).toBeGreaterThanOrEqual(top);
        expect(y + markRoom / 2).toBeLessThanOrEqual(top + tall);
      }
    for (const [index, a] of marks.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(left + markRoom / 2);
      expect(a.x).toBeLessThanOrEqual(width - markRoom / 2);
      expect(a.y).toBeLessThan(height);
      for (const b of marks.slice(index + 1)) {
        expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)), `${a.entry.id} ${b.entry.id}`).toBeGreaterThanOrEqual(markRoom - 1e-9);
        expect(Math.sign(a.x - b.x)).toBe(Math.sign(firstMonth(a.entry.id).getTime() - firstMonth(b.entry.id).getTime()));
      }
    }
    expect(years.map(({ text }) => text)).toEqual(['2023', '2024', '2025']);
  });
});

describe.each(disagreements)('the disagreement $id', ({ question, sides, parts }) => {
  it('is of two claims that there are, of different papers, with the verdicts that shipped', () => {
    for (const { study: id, claim: name, verdict } of sides) {
      const claim = studies.find((study) => study.id === id)?.claims.find((each) => each.id === name);
      expect(claim, `${id} ${name}`).toBeDefined();
      expect(claim?.expected, `${id} ${name}`).toBe(verdict);
      expect(shipped[id]?.engines.cpu?.verdicts[name], `${id} ${name}`).toBe(verdict);
    }
    const [a, b] = sides;
    expect([a.study, a.claim]).not.toEqual([b.study, b.claim]);
    expect(rowOf(a.study)).not.toBe(rowOf(b.study));
    expect(sides.some(({ verdict }) => verdict === 'holds')).toBe(true);
    expect(question).toMatch(/^[A-Z].{15,80}\?$/);
    expect(parts).toMatch(/^[A-Z].{60,300}\.$/);
  });
});

describe('disagreements', () => {
  it('are named once, and mostly of claims with opposite outcomes', () => {
    expect(new Set(disagreements.map(({ id }) => id)).size).toBe(disagreements.length);
    // as links name them
    for (const { id } of disagreements)
      expect(readPapers(readLink(`#${partingHash(id)}`).reader)).toMatchObject({ way: 'disagreements', parting: id });
    const opposite = disagreements.filter(({ sides: [a, b] }) => a.verdict !== b.verdict);
    expect(opposite.length).toBeGreaterThan(0.8 * disagreements.length);
  });
});

describe('the losses that a study trains', () => {
  it.each(studyIds)('are those of its arms: %s', async (id) => {
    const study = studies.find((each) => each.id === id);
    if (!study) throw new Error(`There is no study ${id}.`);
    expect(trained[id]?.hash, `${id} has changed since: run \`npm run generate\`.`).toBe(hashOf(id));
    expect(trained[id]?.losses).toEqual(await lossesOfStudy(study, engine));
  });

  it('are entries of the catalogue, and lead from a paper to its losses and back', () => {
    expect(Object.keys(trained)).toEqual(studyIds);
    const slugs = catalogue.map(slugOf);
    expect(new Set(slugs).size).toBe(slugs.length);
    for (const { losses } of Object.values(trained)) for (const loss of losses) expect(slugs).toContain(loss);
    for (const paper of papers)
      for (const entry of lossesIn(paper.studies)) expect(papersThatTrain(slugOf(entry)).map(({ arxiv }) => arxiv)).toContain(paper.arxiv);
    // told by their studies' own words: an arm of SimPO, KTO among four losses, best-of-ten on-policy, stages after imitation
    expect(trained['20-weak-prompts']?.losses).toEqual(expect.arrayContaining(['sft', 'simpo', 'dpo']));
    expect(trained['55-no-warm-start']?.losses).toContain('kto');
    expect(trained['38-directions']?.losses).toEqual(['group.best_of_n']);
    expect(papersThatTrain('no such loss')).toEqual([]);
  });
});
