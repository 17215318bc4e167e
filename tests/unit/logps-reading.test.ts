import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { logpFacts } from '../../src/data/logps/margin-summary.ts';
import { readPairLogps } from '../../src/data/logps/pair-logps.ts';
import { readingOfLogps } from '../../src/views/pairs/own-model/logps-reading.ts';

const header = 'chosen_logp,rejected_logp,ref_chosen_logp,ref_rejected_logp\n';
it.each([
  [readFileSync('tests/golden/reports/displaced-pairs.csv', 'utf8'), 'All 7 pairs are displaced: chosen fell although the margin grew'],
  [readFileSync('tests/golden/reports/policy-equals-reference.csv', 'utf8'), 'The two models give the same numbers: nothing seems trained'],
  [`${header}-2,-9,-1,-3\n-1,-9,-2,-3\n`, '1 of 2 pairs are displaced: chosen fell although the margin grew'],
  [`${header}-2,-3,-1,-3\n-1,-9,-2,-3\n`, 'Chosen fell in 1 of 2 pairs, and the margin grew in none of them'],
  [`${header}-1,-9,-2,-3\n`, 'Chosen fell in none of 1 pairs'],
  ['chosen_logp,rejected_logp\n-1,-2\n-3,-2\n', '1 of 2 pairs ranked right; what fell is unknown without a reference'],
])('says first what log-probs say', async (text, reading) => {
  const logps = await readPairLogps(new Blob([text]));
  expect(readingOfLogps({ ...logps, facts: logpFacts(logps) })).toBe(reading);
});
