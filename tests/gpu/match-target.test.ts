import { expect, test } from 'vitest';
import { ExperimentError, type Policy, type TargetExperiment } from '../../src/index.ts';
import golden from '../golden/online_losses.json';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

describeEngines('the divergences of GKD, exactly', (engine, kind) => {
  const descent = (index: number): TargetExperiment => {
    const { beta, policy, targetLogps, learningRate, trajectory } = golden.jensen[index] as (typeof golden.jensen)[number];
    return {
      ...{ policy: policy as Policy, targetLogps, optimizer: { kind: 'sgd', learningRate, steps: trajectory.length - 1 } },
      ...(beta === 0 ? { direction: 'forward' } : beta === 1 ? { direction: 'reverse' } : { direction: 'jensen', beta }),
      record: trajectory.map((_, step) => step),
    };
  };

  test.each(golden.jensen.map(({ beta, trajectory }, index) => ({ beta, trajectory, index })))(
    'from the forward KL at 0 to the reverse KL at 1, as TRL’s generalized_jsd_loss has them: β = $beta',
    async ({ trajectory, index }) => {
      const { steps } = await engine().matchTarget(descent(index));
      expect(steps.length).toBe(trajectory.length);
      for (const [step, { divergences, outcomeLogps }] of trajectory.entries()) {
        // A logit (below 2) rounds once at the start and with each update, which errs by a few roundoffs of numbers below 1; a log-prob
        // moves by twice as much, and five terms of a divergence, whose slopes stay below 2, round ten times each.
        const bound = (kind === 'cpu' ? 1e-15 : float32Roundoff) * (40 + 16 * step);
        expectWithin(steps[step]?.outcomeLogps ?? [], outcomeLogps, () => bound, `step ${step}: log-probs`);
        expectWithin(steps[step]?.divergences ?? [], divergences, () => 4 * bound, `step ${step}: divergences`);
      }
    },
  );

  test('half and half is the default, and β near an end is near that end’s direction', async () => {
    const [half] = golden.jensen.flatMap(({ beta }, index) => (beta === 0.5 ? [descent(index)] : []));
    const { beta: _, ...unsaid } = half as TargetExperiment;
    expect((await engine().matchTarget(unsaid)).final).toEqual((await engine().matchTarget(half as TargetExperiment)).final);
    const push = async (experiment: TargetExperiment, rate: number) => {
      const { final } = await engine().matchTarget({
        ...experiment,
        optimizer: { kind: 'sgd', learningRate: rate, steps: 1 },
        record: [0],
      });
      return (final['logits']?.[0] ?? Number.NaN) - (golden.jensen[0]?.policy.logits[0]?.[0] ?? Number.NaN);
    };
    // β KL(q ‖ m) is β times the forward KL where β is small, to the first order in β
    const small = await push({ ...unsaid, beta: 0.01 }, 100);
    const forward = await push({ ...unsaid, direction: 'forward' }, 1);
    expect(Math.abs(small / forward - 1)).toBeLessThan(0.05);
    const large = await push({ ...unsaid, beta: 0.99 }, 100);
    const reverse = await push({ ...unsaid, direction: 'reverse' }, 1);
    expect(Math.abs(large / reverse - 1)).toBeLessThan(0.05);
  });

  test('what there cannot be is refused by name', async () => {
    for (const [more, path] of [
      [{ direction: 'sideways' as 'forward' }, 'direction'],
      [{ direction: 'jensen', beta: 0 }, 'beta'],
      [{ direction: 'jensen', beta: 1 - 1e-12 }, 'beta'],
      [{ direction: 'reverse', beta: 0.5 }, 'beta'],
    ] as const) {
      const { beta: _, ...plain } = descent(2);
      const error = await engine()
        .matchTarget({ ...plain, ...more })
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ExperimentError);
      expect((error as ExperimentError).path).toBe(path);
    }
  });
});
