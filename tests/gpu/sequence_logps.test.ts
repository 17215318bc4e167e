import { test } from 'vitest';
import { type BackendUnderTest, describeBackends } from './backends.ts';
import { makeSequences, referenceOf, type Sequences, uploadSequences } from './sequences.ts';
import { expectWithin } from './tolerance.ts';

/**
 * Sums in float64. The bound adds those of the log-probs and the rounding of the sum: four partial sums side by side, so T / 4 + 3
 * additions, each of at most the sum of sizes.
 */
function reference(batch: Sequences, under: BackendUnderTest): { expected: Float64Array; bounds: Float64Array } {
  const { sequences, positions, tokens, mask } = batch;
  const at = referenceOf(batch, under);
  const expected = new Float64Array(sequences);
  const bounds = new Float64Array(sequences);
  for (let sequence = 0; sequence < sequences; sequence++) {
    let size = 0;
    for (let row = sequence * positions; row < (sequence + 1) * positions; row++) {
      if (!mask[row]) continue;
      const [logp, bound] = at(row)(tokens[row] as number);
      expected[sequence] = (expected[sequence] as number) + logp;
      bounds[sequence] = (bounds[sequence] as number) + bound;
      size += Math.abs(logp);
    }
    const additions = under.traits ? positions / 4 + 3 : positions;
    bounds[sequence] = (bounds[sequence] as number) + under.roundoff * additions * size;
  }
  return { expected, bounds };
}

describeBackends('sequence_logps', (backend, under) => {
  const run = async (batch: Sequences) => {
    const uploaded = uploadSequences(backend(), batch);
    const logps = backend().allocate('float', batch.sequences, 'undefined');
    backend().sequenceLogps({ ...uploaded.task, logps });
    const result = await backend().read(logps);
    uploaded.dispose();
    logps.dispose();
    return result;
  };

  test.each([
    [1, 1, 1],
    [3, 1, 7],
    [70, 5, 12],
    [5, 31, 130],
    [2, 4096, 6],
    [2, 3, 32768],
  ])('%i sequences of %i positions over %i tokens', async (sequences, positions, columns) => {
    const batch = makeSequences(sequences, positions, columns, sequences + positions);
    const { expected, bounds } = reference(batch, under);
    expectWithin(await run(batch), expected, (i) => bounds[i] as number);
  });

  test('a counted position that is undefined makes its sequence NaN, and no other', async () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const position of [0, 3, 4, 6]) {
        const batch = makeSequences(4, 7, 9, 5);
        batch.mask[2 * 7 + position] = 1;
        batch.tokens[2 * 7 + position] = 4;
        batch.logits.fill(1, (2 * 7 + position) * 9, (2 * 7 + position + 1) * 9);
        batch.logits[(2 * 7 + position) * 9 + 8] = bad; // not even the token's own logit
        const { expected, bounds } = reference(batch, under);
        expected[2] = Number.NaN;
        expectWithin(await run(batch), expected, (i) => bounds[i] as number, `${bad} at ${position}`);
      }
    }
  });

  test('a token that cannot occur', async () => {
    const batch = makeSequences(2, 3, 5, 8);
    batch.logits[batch.tokens[0] as number] = Number.NEGATIVE_INFINITY;
    const { expected, bounds } = reference(batch, under);
    expected[0] = Number.NEGATIVE_INFINITY;
    expectWithin(await run(batch), expected, (i) => bounds[i] as number);
  });
});
