import { expect, it } from 'vitest';
import { readData } from '../../src/data/read-data.ts';
import { pairLogger } from '../../src/views/pairs/own-model/pair-logger.ts';

const opened = async (name: string, text: string) => {
  const data = await readData({ name, bytes: new TextEncoder().encode(text) });
  if (data.kind !== 'logps') throw new Error(`${name} is ${data.kind}`);
  return data;
};

it('writes the log-probs of pairs in a form that is read: sums, lengths and the reference', async () => {
  // the names that the Python gives the fields of a line, in its order
  const fields = [...new Set([...pairLogger.matchAll(/line\[f"([^"]+)"\]/g)].map(([, field]) => field as string))];
  expect(fields).toEqual(['{side}_logps', '{side}_length', 'ref_{side}_logps']);
  const line = (chosen: readonly number[], rejected: readonly number[]) =>
    JSON.stringify(
      Object.fromEntries(
        (['chosen', 'rejected'] as const).flatMap((side) =>
          fields.map((field, i) => [field.replace('{side}', side), (side === 'chosen' ? chosen : rejected)[i]]),
        ),
      ),
    );
  const data = await opened('pairs.jsonl', `${line([-12.5, 7, -10.25], [-20, 9, -11])}\n${line([-3, 2, -4], [-8, 3, -6.5])}\n`);
  expect(data.rows).toEqual([
    { chosen: -12.5, rejected: -20, refChosen: -10.25, refRejected: -11, chosenLength: 7, rejectedLength: 9 },
    { chosen: -3, rejected: -8, refChosen: -4, refRejected: -6.5, chosenLength: 2, rejectedLength: 3 },
  ]);
  expect(data.perToken).toBe(false);
  expect(data.notes.find(({ kind }) => kind === 'displaced')?.rows).toEqual([1]);
});

it('reads the log-probs of each token out of a CSV, and sums them', async () => {
  const data = await opened(
    'tokens.csv',
    'chosen_logps,rejected_logps,ref_chosen_logps,ref_rejected_logps\n"[-1, -2.5]","[-1, -1, -1]","[-1, -1]","[-2, -2, -2]"\n',
  );
  expect(data.rows).toEqual([{ chosen: -3.5, rejected: -3, refChosen: -2, refRejected: -6, chosenLength: 2, rejectedLength: 3 }]);
});
