// @module-tag slow
import { afterAll, describe, expect, test } from 'vitest';
import { loadStudy, studyIds } from '../../src/atlas/catalogue.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import { runStudy, type StudyEngine } from '../../src/atlas/run-study.ts';
import { shipped } from '../../src/atlas/shipped.ts';
import { rowOf } from '../../src/atlas/study.ts';
import { hashOf } from '../../src/build/ship-study.ts';
import { openEngine } from '../../src/index.ts';
import { wrongEngines } from '../shared/wrong-engines.ts';

const engine = await openEngine({ backend: 'cpu' });
afterAll(() => engine.dispose());

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
