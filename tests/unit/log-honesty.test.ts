import { describe, expect, it } from 'vitest';
import { plainAnswer, storyOf } from '../../src/data/logs/stories/stories.ts';
import { readData } from '../../src/data/read-data.ts';

/** Noise that is the same in every run: of size 1 and of no trend. */
const noise = (i: number, k = 0): number => Math.sin(12.9898 * (i + 1) + 78.233 * k) + 0.5 * Math.sin(4.1414 * (i + 1) * (k + 1));

type Row = (t: number, i: number) => Readonly<Record<string, number>>;
/** A row each ten steps, t from 0 to 1. */
const rowsOf = (count: number, row: Row): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({ ...row(i / Math.max(1, count - 1), i), step: 10 * (i + 1) }, (_, value) =>
      Number.isNaN(value) ? 'NaN' : value === Infinity ? 'Infinity' : value,
    ),
  ).join('\n');

/** A DPO run whose rewards follow two curves, with noise of that size. */
const dpo =
  (chosen: (t: number) => number, rejected: (t: number) => number, size = 0.03): Row =>
  (t, i) => {
    const [w, l] = [chosen(t) + size * noise(i), rejected(t) + size * noise(i, 1)];
    return { loss: Math.log1p(Math.exp(l - w)), 'rewards/chosen': w, 'rewards/rejected': l, 'rewards/margins': w - l };
  };
const up = dpo(
  (t) => 0.5 * t,
  (t) => -t,
);
const changed =
  (row: Row, at: number, change: Readonly<Record<string, number>>): Row =>
  (t, i) => ({ ...row(t, i), ...(i === at ? change : {}) });

async function headings(text: string): Promise<string[]> {
  const log = await readData({ name: 'x', bytes: new TextEncoder().encode(text) });
  if (log.kind !== 'log') throw new Error(log.kind);
  return log.readings.length === 0 ? [plainAnswer(log)] : log.readings.map((reading) => storyOf(reading, log)?.headline ?? '');
}

describe('what is said first of a log is what it shows', () => {
  it.each<[string, string, RegExp]>([
    [
      'three rows',
      rowsOf(
        3,
        dpo(
          (t) => -2 * t,
          (t) => -5 * t,
        ),
      ),
      /^Too few rows to tell: 3 rows have the chosen answer, and 4 are needed$/,
    ],
    ['one row', rowsOf(1, up), /^Too few rows to tell: 1 row has/],
    ['one row without a chosen answer', rowsOf(1, () => ({ loss: 0.6, grad_norm: 2 })), /^One row shows no course/],
    [
      'rows that name no step',
      rowsOf(
        20,
        dpo(
          (t) => -2 * t,
          (t) => -5 * t,
        ),
      ).replaceAll(/,"step":\d+/g, ''),
      /^Yes, from row \d+: chosen has fallen, rejected further$/,
    ],
    [
      'four rows, of which both fall',
      rowsOf(
        4,
        dpo(
          (t) => -2 * t,
          (t) => -5 * t,
        ),
      ),
      /^Yes, from step 20: chosen has fallen, rejected further$/,
    ],
    [
      'noise alone',
      rowsOf(
        30,
        dpo(
          () => 0,
          () => 0,
        ),
      ),
      /^No: chosen stays within 0\.\d+ in reward of where it began$/,
    ],
    [
      'a row that stands out, within',
      rowsOf(40, changed(up, 20, { 'rewards/chosen': -30 })),
      /^No: chosen rises by 0\.4\d+ in reward, and rejected falls$/,
    ],
    [
      'a row that stands out, at the end',
      rowsOf(40, changed(up, 39, { 'rewards/chosen': -30 })),
      /^No: chosen stays within .*, but for single rows$/,
    ],
    [
      'a fall that is made good',
      rowsOf(
        40,
        dpo(
          (t) => -4 * t * (1 - t),
          (t) => -3 * t,
        ),
      ),
      /^Chosen fell by (?:1|0\.9)\S* up to step (?:1[89]|2[0-2])0, and comes back: −0\.\d+ at the end$/,
    ],
    [
      'a fall that is made good wholly',
      rowsOf(
        40,
        dpo(
          (t) => -3 * Math.sin(Math.PI * Math.min(1, 1.25 * t)),
          (t) => -t,
        ),
      ),
      /^Chosen fell by [23].* and comes back: −?0\.0\d* at the end$/,
    ],
    [
      'a gradient without end at first, as of float16',
      rowsOf(
        20,
        changed((t, i) => ({ ...up(t, i), grad_norm: 3 }), 0, { grad_norm: Infinity }),
      ),
      /^Single numbers are not finite, first at step 10; the run goes on$/,
    ],
    [
      'an evaluation that is NaN',
      rowsOf(20, changed(up, 9, { eval_loss: Number.NaN })),
      /^Single numbers are not finite, first at step 100/,
    ],
    [
      'NaN to the end',
      rowsOf(20, (t, i) => (i < 12 ? up(t, i) : { ...up(t, i), loss: Number.NaN })),
      /^The run breaks, from step 130: its numbers are not finite$/,
    ],
    [
      'rewards that are small and move',
      rowsOf(30, (t) => ({
        loss: Math.LN2 - 0.0005 * t,
        'rewards/chosen': -0.001 * t,
        'rewards/rejected': -0.0015 * t,
        'rewards/margins': 0.0005 * t,
      })),
      /^No: chosen stays within 0\.02/,
    ],
    [
      'evaluations that wiggle',
      rowsOf(40, (t, i) => ({ ...up(t, i), ...(i % 8 === 7 ? { eval_loss: i % 16 === 7 ? 0.57 : 0.53 } : {}) })),
      /^No: chosen rises/,
    ],
    [
      'evaluations that turn',
      rowsOf(40, (t, i) => ({ ...up(t, i), ...(i % 8 === 7 ? { eval_loss: 0.6 + (t - 0.4) ** 2 } : {}) })),
      /^Evaluation and training part, from step (?:160|240)$/,
    ],
    [
      'a KL below 0 by rounding',
      rowsOf(20, (t, i) => ({ loss: 0, reward: t, kl: i === 3 ? -1e-5 : 0.001 + 0.01 * t, grad_norm: 0.2 })),
      /^The loss is next to 0/,
    ],
    [
      'groups that teach nothing',
      rowsOf(20, () => ({ loss: 0, reward: 0, reward_std: 0, grad_norm: 0 })),
      /^The gradient is 0 in all 20 rows: nothing is learnt$/,
    ],
    ['rewards of groups alone', rowsOf(20, (t) => ({ loss: 0.1, reward: t })), /a run on rewards has no chosen answer$/],
    [
      'two runs in one file, of which the last falls',
      `${rowsOf(20, up)}\n${rowsOf(
        20,
        dpo(
          (t) => -2 * t,
          (t) => -5 * t,
        ),
      )}`,
      /^Yes, from step \d0: chosen has fallen, rejected further$/,
    ],
    [
      'twenty thousand rows',
      rowsOf(
        20_000,
        dpo(
          (t) => -t,
          (t) => -4 * t,
          0.4,
        ),
      ),
      /^Yes, from step [345]\d{4}: chosen has fallen, rejected further$/,
    ],
  ])('%s', async (_, text, heading) => {
    expect((await headings(text))[0]).toMatch(heading);
  });
});
