import { expect, test } from 'vitest';
import { bigramExperiment, tokenisePairs } from '../../src/data/bigram-experiment.ts';
import { parsePreferencePairs } from '../../src/data/pairs/parse-preference-pairs.ts';
import { samplePairsJsonl } from '../../src/data/sample-pairs.ts';
import { openEngine } from '../../src/index.ts';
import { madePairsJsonl } from '../shared/made-pairs.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const files = { 'the sample': samplePairsJsonl, '200 long pairs': madePairsJsonl() };

test.each(Object.entries(files))('%s train on the GPU with the CPU engine’s numbers', async (_, text) => {
  const { pairs } = await parsePreferencePairs(new Blob([text]));
  const maxTokens = 48;
  const steps = 3;
  const experiment = {
    ...bigramExperiment(tokenisePairs(pairs, { maxTokens, maxWords: 255 }), {
      objective: { name: 'dpo', params: { beta: 0.1 } },
      learningRate: 10,
      steps,
    }),
    record: [0, 1, 3],
  };
  const [cpu, gpu] = await Promise.all([openEngine({ backend: 'cpu' }), openEngine({ backend: 'webgpu' })]);
  const [expected, actual] = [await cpu.train(experiment), await gpu.train(experiment)];
  // A log-prob sums up to 48 terms below 16, each off by the rounding of its logit (below 16: 2^-21 = 8 roundoffs of 1) and of the sum so
  // far (below 256); updates add 8 roundoffs a step to each parameter.
  const bound = maxTokens * (16 + 8 * steps) * float32Roundoff + 48 * 256 * float32Roundoff;
  for (const [index, state] of expected.steps.entries()) {
    expectWithin(actual.steps[index]?.chosenLogps ?? [], state.chosenLogps, () => bound, `step ${state.step}: chosen`);
    expectWithin(actual.steps[index]?.rejectedLogps ?? [], state.rejectedLogps, () => bound, `step ${state.step}: rejected`);
  }
  // and something was learned: the loss fell, by more than the bound
  expect(actual.steps.at(-1)?.loss).toBeLessThan((actual.steps[0]?.loss ?? 0) - bound);
  cpu.dispose();
  gpu.dispose();
});
