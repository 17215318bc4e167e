import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadStudy } from '../../src/atlas/catalogue.ts';
import { papers } from '../../src/atlas/reading-list.ts';
import { shipped } from '../../src/atlas/shipped.ts';
import { outcomeOf } from '../../src/shell/study/judged.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the README counts the papers by what came of them', async () => {
  const outcomes = await Promise.all(
    papers.map(async ({ studies }) =>
      outcomeOf(await Promise.all(studies.map(loadStudy)), (study, claim) => shipped[study]?.engines.cpu?.verdicts[claim]),
    ),
  );
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length;
  const analogies = papers.filter(({ faithfulness }) => faithfulness === 'analogy').length;
  expect(readme).toContain(`all ${papers.length} papers of a reading list`);
  expect(readme).toContain(
    `${count('holds')} hold, ${count('in part')} hold in part, ${count('does not hold')} do not hold, and ${count('no verdict')} have no claim; ${analogies} of the toys are analogies.`,
  );
});
