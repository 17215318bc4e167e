import { expect, test } from 'vitest';
import { mean } from '../../src/core/numerics.ts';
import golden from '../golden/trl_dpo_losses.json';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const cases = golden.cases.flatMap((example, index) => {
  const { B, T, V } = example.case;
  return example.results
    .filter(
      ({ config }) => config.lossTypes.join() === 'sigmoid' && Object.keys(config).every((key) => key === 'lossTypes' || key === 'beta'),
    )
    .map((result) => ({ name: `case ${index} [${B}, ${T}, ${V}], beta ${result.config.beta}`, example: example.case, result }));
});

test('there are results of TRL to compare with', () => {
  expect(cases.length).toBeGreaterThan(3);
});

describeEngines("TRL's sigmoid loss", (engine, kind) => {
  test.each(cases)('$name', async ({ example, result }) => {
    const { B, T, V, policyLogits, tokens, mask } = example;
    const side = (at: 0 | 1) => ({
      logits: engine().tensor(Float32Array.from(policyLogits.flat(3).slice(at * B * T * V, (at + 1) * B * T * V)), [B, T, V]),
      tokens: engine().tensor(Uint32Array.from(tokens.flat(2).slice(at * B * T, (at + 1) * B * T)), [B, T]),
      mask: engine().tensor(Uint32Array.from(mask.flat(2).slice(at * B * T, (at + 1) * B * T)), [B, T]),
    });
    const { beta } = result.config;
    const gradients = engine().preferenceGradients(
      {
        chosen: side(0),
        rejected: side(1),
        refChosenLogps: Float32Array.from(result.refLogps.slice(0, B)),
        refRejectedLogps: Float32Array.from(result.refLogps.slice(B)),
      },
      { name: 'sigmoid', params: { beta } },
    );
    // Inputs are rounded to float32 on the way in, on both engines: half an ulp of each logit and of each reference log-prob, at most
    // eight ulps of arithmetic a position on the GPU.
    const size = Math.max(...policyLogits.flat(3).map(Math.abs), ...result.refLogps.map(Math.abs), 1);
    const logpBound = (kind === 'cpu' ? 3 : 8) * T * size * float32Roundoff;
    const chosen = await gradients.chosenLogps.read();
    const rejected = await gradients.rejectedLogps.read();
    expectWithin([...chosen, ...rejected], result.policyLogps, () => logpBound, 'log-probs');
    const losses = await gradients.losses.read();
    const lossBound = 4 * beta * logpBound + 4 * float32Roundoff;
    expectWithin([mean(losses)], [result.loss], () => lossBound, 'mean loss');
    // |d loss / d log-prob| <= beta, divided by B; the softmax's error adds to the log-prob's.
    const gradientBound = ((beta * (1 + beta)) / B) * 4 * logpBound;
    const gradient = [...(await gradients.chosenGrad.read()), ...(await gradients.rejectedGrad.read())];
    expectWithin(gradient, result.gradLogits.flat(3), () => gradientBound, 'gradient');
    const scores = [...chosen].map((logp, i) => beta * (logp - (result.refLogps[i] ?? Number.NaN)));
    expectWithin([mean(scores)], [result.metrics['rewards/chosen']], () => 4 * beta * logpBound, 'rewards/chosen');
  });
});
