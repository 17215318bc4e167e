import { expect, test } from 'vitest';
import { mean } from '../../src/core/numerics.ts';
import { type ObjectiveChoice, resolveObjective } from '../../src/index.ts';
import golden from '../golden/trl_dpo_losses.json';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

interface Config {
  lossTypes: string[];
  beta: number;
  lossWeights?: number[];
  [option: string]: unknown;
}

interface Result {
  config: Config;
  loss: number;
  policyLogps: number[];
  refLogps: number[];
  gradLogits: number[];
  metrics: Record<string, number>;
}

interface Case {
  B: number;
  T: number;
  V: number;
  policyLogits: number[];
  refLogits: number[];
  tokens: number[];
  mask: number[];
}

const cases = (golden.cases as unknown as { case: Case; results: Result[] }[]).flatMap(({ case: example, results }, index) =>
  results.map((result) => {
    const { lossTypes, ...options } = result.config;
    return { name: `case ${index}: ${lossTypes.join(' + ')} ${JSON.stringify(options)}`, example, result };
  }),
);

/** TRL's configuration as a choice: TRL gives every setting to every loss, and each takes what it knows. */
function choiceOf({ lossTypes, lossWeights, ...options }: Config): ObjectiveChoice {
  const one = (name: string): ObjectiveChoice => ({ name, params: name === 'sft' ? {} : (options as Record<string, number>) });
  const [only = ''] = lossTypes;
  if (lossTypes.length === 1) return one(only);
  return { mix: lossTypes.map((name, i) => ({ objective: one(name), weight: lossWeights?.[i] ?? 1 })) };
}

/** Counted positions of each row. */
const lengthsOf = ({ T, mask }: Case) =>
  Array.from({ length: mask.length / T }, (_, row) => mask.slice(row * T, (row + 1) * T).reduce((sum, counted) => sum + counted, 0));

/** Reference log-probs with LD-DPO's weights, in float64. */
function weightedReference({ B, T, V, refLogits, tokens, mask }: Case, lengths: number[], ldAlpha: number): number[] {
  return lengths.map((_, row) => {
    const common = Math.min(lengths[row % B] ?? 0, lengths[(row % B) + B] ?? 0);
    let total = 0;
    for (let t = 0, counted = 0; t < T; t++) {
      if (!mask[row * T + t]) continue;
      const logits = refLogits.slice((row * T + t) * V, (row * T + t + 1) * V);
      const logp = (logits[tokens[row * T + t] ?? 0] ?? 0) - Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
      total += counted++ < common ? logp : ldAlpha * logp;
    }
    return total;
  });
}

test("every result of TRL's trainer is compared", () => {
  expect(cases.length).toBe(112);
  expect(new Set(cases.flatMap(({ result }) => result.config.lossTypes)).size).toBe(15);
});

describeEngines("TRL's losses", (engine, kind) => {
  test.each(cases)('$name', async ({ example, result }) => {
    const { B, T, V, policyLogits, tokens, mask } = example;
    const choice = choiceOf(result.config);
    const lengths = lengthsOf(example);
    const { ldAlpha } = result.config;
    const refLogps = typeof ldAlpha === 'number' ? weightedReference(example, lengths, ldAlpha) : result.refLogps;
    const side = (at: 0 | 1) => ({
      logits: engine().tensor(Float32Array.from(policyLogits.slice(at * B * T * V, (at + 1) * B * T * V)), [B, T, V]),
      tokens: engine().tensor(Uint32Array.from(tokens.slice(at * B * T, (at + 1) * B * T)), [B, T]),
      mask: engine().tensor(Uint32Array.from(mask.slice(at * B * T, (at + 1) * B * T)), [B, T]),
    });
    const gradients = engine().preferenceGradients(
      {
        chosen: side(0),
        rejected: side(1),
        refChosenLogps: Float32Array.from(refLogps.slice(0, B)),
        refRejectedLogps: Float32Array.from(refLogps.slice(B)),
      },
      choice,
    );
    // Inputs are rounded to float32 on the way in, on both engines: half an ulp of each logit and of each reference log-prob, at most
    // eight ulps of arithmetic a position on the GPU.
    const size = Math.max(...policyLogits.map(Math.abs), ...refLogps.map(Math.abs), 1);
    const logpBound = (kind === 'cpu' ? 3 : 8) * T * size * float32Roundoff;
    const chosen = await gradients.chosenLogps.read();
    const rejected = await gradients.rejectedLogps.read();
    expectWithin([...chosen, ...rejected], result.policyLogps, () => logpBound, 'log-probs');

    // What errors of that size in the four log-probs do to the loss and to its slopes, measured on the float64 objective: the slopes'
    // change between two such points bounds their error, their size bounds the loss's. A statistic of the batch errs like its parts.
    const objective = resolveObjective(choice);
    const at = (pair: number, shift: number) => {
      const known: Record<string, number | undefined> = {
        ref_w: refLogps[pair],
        ref_l: refLogps[B + pair],
        len_w: lengths[pair],
        len_l: lengths[B + pair],
        mean_len_w: mean(lengths.slice(0, B)),
        wpo_weight: 1,
      };
      const inputs = objective.inputs.map((name) => known[name] ?? 0);
      return objective.evaluate((result.policyLogps[pair] ?? 0) + shift, (result.policyLogps[B + pair] ?? 0) - shift, inputs);
    };
    let [slopeSize, slopeChange, lossSize] = [0, 0, 0];
    for (let pair = 0; pair < B; pair++) {
      const [low, centre, high] = [at(pair, -4 * logpBound), at(pair, 0), at(pair, 4 * logpBound)];
      slopeSize = Math.max(slopeSize, Math.abs(centre.byChosen), Math.abs(centre.byRejected));
      slopeChange = Math.max(slopeChange, Math.abs(high.byChosen - low.byChosen), Math.abs(high.byRejected - low.byRejected));
      lossSize = Math.max(lossSize, Math.abs(centre.loss));
    }
    // Rounding of the objective's own arithmetic (about twenty operations), and of WPO's weight, an exponential of two log-probs.
    const arithmetic = 20 * float32Roundoff + (objective.inputs.includes('wpo_weight') ? 4 * logpBound : 0);
    const losses = await gradients.losses.read();
    expectWithin([mean(losses)], [result.loss], () => 4 * slopeSize * logpBound + arithmetic * (lossSize + 1), 'mean loss');
    const gradientBound = (slopeChange + slopeSize * (arithmetic + 4 * logpBound)) / B;
    const gradient = [...(await gradients.chosenGrad.read()), ...(await gradients.rejectedGrad.read())];
    expectWithin(gradient, result.gradLogits, () => gradientBound, 'gradient');
  });
});
