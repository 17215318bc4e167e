// @module-tag slow
import { afterAll, describe, expect, test } from 'vitest';
import { loadStudy, studyIds } from '../../src/atlas/catalogue.ts';
import { papers, provenanceOf } from '../../src/atlas/reading-list.ts';
import { runStudy, type StudyEngine } from '../../src/atlas/run-study.ts';
import { shipped } from '../../src/atlas/shipped.ts';
import { rowOf } from '../../src/atlas/study.ts';
import { hashOf } from '../../src/build/ship-study.ts';
import { openEngine } from '../../src/index.ts';
import { wrongEngines } from '../shared/wrong-engines.ts';

const engine = await openEngine({ backend: 'cpu' });
afterAll(() => engine.dispose());

/** Rows whose formula was not seen anywhere; 0 is what is often said. */
const rowsUnseen = [0, 15, 22, 52, 64];
/** Rows whose paper has no formula: the toy’s is an analogy. */
const rowsOfOurs = [7, 42, 65, 71];

const opposite = { holds: 'does not hold', 'does not hold': 'holds' } as const;

describe.each(studyIds)('%s', async (id) => {
  const study = await loadStudy(id);
  /** Claims that so few seeds refute. */
  const refuted = async (on: StudyEngine): Promise<string[]> => {
    const { claims } = await runStudy(study, on, { seeds: study.seeds.test });
    return claims.filter(({ verdict }, i) => verdict === opposite[study.claims[i]?.expected ?? 'holds']).map(({ id: claim }) => claim);
  };

  test('is named after its file, and names a paper of the list, or what is often said', () => {
    expect(study.id).toBe(id);
    expect([0, ...papers.map(({ row }) => row)]).toContain(rowOf(id));
    expect(new Set(study.claims.map((claim) => claim.id)).size).toBe(study.claims.length);
    for (const { min, max, default: value } of Object.values(study.parameters)) {
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
    }
  });

  test('has a finding of eight words at most', () => {
    expect(study.finding.split(/\s+/).length).toBeLessThanOrEqual(8);
  });

  test('says where its formula was seen, and calls none the paper’s that nobody has seen there', async () => {
    const provenance = provenanceOf(study);
    expect(provenance).toBeDefined();
    // the reading list's word is of one formula
    const studies = await Promise.all(studyIds.filter((other) => rowOf(other) === rowOf(id)).map(loadStudy));
    const silent = studies.filter((other) => other.provenance === undefined).map((other) => other.id);
    expect(silent.length, `studies of one paper without a provenance of their own: ${silent}`).toBeLessThanOrEqual(1);
    if (rowOf(id) === 0) expect(silent).toEqual([]);
    if (rowsUnseen.includes(rowOf(id))) expect(provenance).toBe('our reading');
    if (rowsOfOurs.includes(rowOf(id))) expect(provenance).toBe('our analogy');
  });

  test('ships the verdicts that it expects, of its present sources', () => {
    const entry = shipped[id];
    if (!entry) throw new Error(`Nothing is shipped of ${id}: run \`npm run atlas\`.`);
    expect(entry.hash, `${id} has changed since: run \`npm run atlas\`.`).toBe(hashOf(id));
    expect(entry.engines.cpu?.seeds).toBe(study.seeds.page);
    expect(entry.engines.cpu?.verdicts).toEqual(Object.fromEntries(study.claims.map((claim) => [claim.id, claim.expected])));
  });

  test('trains with its test seeds, and is not refuted', async () => {
    expect(await refuted(engine)).toEqual([]);
  });

  test.skipIf(study.claims.every(({ kind }) => kind === 'identity'))('is refuted on a wrong engine', async () => {
    const swapped = await refuted(wrongEngines.swapped(engine));
    const noticed = swapped.length > 0 ? swapped : await refuted(wrongEngines.idle(engine));
    expect(noticed, 'neither swapped responses nor no updates at all were noticed').not.toEqual([]);
  });
});
