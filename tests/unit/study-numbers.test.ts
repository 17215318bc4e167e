import { afterAll, expect, test } from 'vitest';
import { loadStudy } from '../../src/atlas/catalogue.ts';
import { fillTable } from '../../src/atlas/run-study.ts';
import type { StudyTable } from '../../src/atlas/study.ts';
import { mean } from '../../src/core/numerics.ts';
import { openEngine } from '../../src/index.ts';

const engine = await openEngine({ backend: 'cpu' });
afterAll(() => engine.dispose());

const percent = (share: number): number => Math.round(100 * share);

test('what the page says of rankings beside the paper’s 60 % is what comes out', async () => {
  const study = await loadStudy('13-rankings');
  const seeds = study.seeds.page;
  const shares = (table: StudyTable, measure: string): readonly number[] => table['dpo']?.[measure] ?? [];
  const usual = await fillTable(study, engine, { seeds });
  const ranked = shares(usual, 'ranked');
  const early = await fillTable(study, engine, { seeds, values: { steps: 10 } });
  const [least, most, wide, ten] = [
    Math.min(...ranked),
    Math.max(...ranked),
    mean(shares(usual, 'rankedWide')),
    mean(shares(early, 'ranked')),
  ];
  expect(study.leavesOut).toContain(`ranks ${percent(least)} to ${percent(most)} % of the pairs right, after 10 updates ${percent(ten)} %`);
  expect(study.leavesOut).toContain(`a lean of 80 nats it is about ${percent(wide)} %`);
});
