import { expect, it } from 'vitest';
import { readPairLogps } from '../../src/data/logps/pair-logps.ts';
import { readData } from '../../src/data/read-data.ts';
import { pairLogger } from '../../src/views/pairs/own-model/pair-logger.ts';

const opened = async (name: string, text: string) => {
  const data = await readData({ name, bytes: new TextEncoder().encode(text) });
  if (data.kind !== 'logps') throw new Error(`${name} is ${data.kind}`);
  return data;
};

it('writes the log-probs of pairs in a form that is read: each token’s, what the tokens are, and the reference', async () => {
  // the names that the Python gives the fields of a line, in its order
  const fields = [...new Set([...pairLogger.matchAll(/line\[f"([^"]+)"\]/g)].map(([, field]) => field as string))];
  expect(fields).toEqual(['{side}_tokens', '{side}_logps', 'ref_{side}_logps']);
  const line = (chosen: readonly unknown[], rejected: readonly unknown[]) =>
    JSON.stringify(
      Object.fromEntries(
        (['chosen', 'rejected'] as const).flatMap((side) =>
          fields.map((field, i) => [field.replace('{side}', side), (side === 'chosen' ? chosen : rejected)[i]]),
        ),
      ),
    );
  const text = `${line(
    [
      ['Yes', '.'],
      [-1.5, -0.5],
      [-1, -0.25],
    ],
    [
      ['No', '.'],
      [-4, -1],
      [-1, -0.5],
    ],
  )}\n${line([['Yes'], [-0.5], [-1]], [['No'], [-2], [-2]])}\n`;
  const data = await opened('pairs.jsonl', text);
  expect(data.rows).toEqual([
    { chosen: -2, rejected: -5, refChosen: -1.25, refRejected: -1.5, chosenLength: 2, rejectedLength: 2 },
    { chosen: -0.5, rejected: -2, refChosen: -1, refRejected: -2, chosenLength: 1, rejectedLength: 1 },
  ]);
  expect(data.perToken).toBe(false);
  expect(data.notes.find(({ kind }) => kind === 'displaced')?.rows).toEqual([1]);

  // by hand: Yes −0.5 and +0.5, No −3 and 0, the full stop −0.25 in chosen and −0.5 in rejected
  const { tokens } = await readPairLogps(new Blob([text]));
  expect([...(tokens?.chosen ?? [])]).toEqual([0, -0.25]);
  expect([...(tokens?.rejected ?? [])]).toEqual([-1.5, -0.5]);
  expect(tokens?.counts).toEqual({ chosen: 3, chosenFell: 2, rejected: 3, rejectedFell: 2 });
  expect(tokens?.gained).toEqual([]);
  expect(tokens?.lost).toEqual([
    { token: 'No', inChosen: 0, inRejected: 2, mean: -1.5, sum: -3 },
    { token: '.', inChosen: 1, inRejected: 1, mean: -0.375, sum: -0.75 },
  ]);
});

it('reads the log-probs of each token out of a CSV, and sums them', async () => {
  const data = await opened(
    'tokens.csv',
    'chosen_logps,rejected_logps,ref_chosen_logps,ref_rejected_logps\n"[-1, -2.5]","[-1, -1, -1]","[-1, -1]","[-2, -2, -2]"\n',
  );
  expect(data.rows).toEqual([{ chosen: -3.5, rejected: -3, refChosen: -2, refRejected: -6, chosenLength: 2, rejectedLength: 3 }]);
});
