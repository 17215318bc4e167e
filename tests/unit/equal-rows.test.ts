import { expect, test } from 'vitest';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { RandomStream, streams } from '../../src/core/rng.ts';

const backend = createCpuBackend();
const columns = 7;

/** Log-sum-exps and gradients of rows, each a sequence of one position; NaN stands where nothing was written. */
async function passOver(
  rows: readonly (readonly number[])[],
  tokens: readonly number[],
  mask: readonly number[],
  slopes: readonly number[],
) {
  const upload = (values: readonly number[]) => backend.upload(Float64Array.from(values));
  const task = {
    ...{ sequences: rows.length, positions: 1, columns },
    logits: upload(rows.flat()),
    tokens: backend.upload(Uint32Array.from(tokens)),
    mask: backend.upload(Uint32Array.from(mask)),
    stats: upload(new Array<number>(2 * rows.length).fill(Number.NaN)),
  };
  const gradient = upload(new Array<number>(rows.length * columns).fill(Number.NaN));
  backend.logSumExp({ rows: rows.length, ...task });
  backend.preferenceGradients({ ...task, side: 'chosen', slopes: upload(slopes), gradient });
  return { stats: [...(await backend.read(task.stats))], gradient: [...(await backend.read(gradient))] };
}

test('rows that equal the row before them get the bits that they get alone, also beside rows that are not counted or lost', async () => {
  const random = new RandomStream(1, streams.toys);
  const first = Array.from({ length: columns }, () => 3 * random.normal());
  const kinds = [
    first,
    ...first.map((_, changed) => first.map((logit, v) => (v === changed ? logit - 1 : logit))), // rows that differ in one place
    new Array<number>(columns).fill(Number.NaN),
    [0, -0, ...new Array<number>(columns - 2).fill(Number.NEGATIVE_INFINITY)],
  ];
  const rows: (readonly number[])[] = [first];
  while (rows.length < 400) rows.push((random.uniform() < 0.5 ? rows.at(-1) : kinds[random.below(kinds.length)]) ?? first);
  const tokens = rows.map(() => random.below(2));
  const mask = rows.map(() => Number(random.uniform() < 0.9));
  const slopes = rows.map(() => random.normal());
  const together = await passOver(rows, tokens, mask, slopes);
  const alone = await Promise.all(rows.map((row, i) => passOver([row], [tokens[i] ?? 0], [mask[i] ?? 0], [slopes[i] ?? 0])));
  expect(together.stats).toEqual(alone.flatMap(({ stats }) => stats));
  expect(together.gradient).toEqual(alone.flatMap(({ gradient }) => gradient));
  const repeats = rows.filter((row, i) => i > 0 && row === rows[i - 1]).length;
  expect(repeats).toBeGreaterThan(50);
});
