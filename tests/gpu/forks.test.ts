import { expect, test } from 'vitest';
import { type Experiment, ExperimentError, type OptimizerChoice } from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { toyPolicies } from './toy-policies.ts';

const optimizers: OptimizerChoice[] = [
  { kind: 'sgd', learningRate: 0.3, steps: 9 },
  { kind: 'momentum', learningRate: 0.1, steps: 9 },
  { kind: 'nesterov', learningRate: 0.1, steps: 9, momentum: 0.8 },
  { kind: 'adam', learningRate: 0.05, steps: 9, weightDecay: 0.01 },
  { kind: 'normalised-pair', learningRate: 0.1, steps: 9 },
];
const every = Array.from({ length: 10 }, (_, step) => step);

/** The experiment cut after `at` updates: its rest is a stage that changes nothing. */
function forked(experiment: Experiment, at: number): Experiment {
  const { optimizer } = experiment;
  return {
    ...experiment,
    optimizer: { ...optimizer, steps: at },
    stages: [{ optimizer: { ...optimizer, steps: optimizer.steps - at }, reference: 'run start', optimizerState: 'kept' }],
  };
}

describeEngines('forks', (engine) => {
  test.each(optimizers.flatMap((optimizer) => ['features', 'bigram'].map((policy) => [optimizer.kind, policy, optimizer] as const)))(
    '%s, %s: a fork that changes nothing is the run itself, to the bit',
    async (_, name, optimizer) => {
      const experiment: Experiment = {
        ...(toyPolicies[name] as Pick<Experiment, 'policy' | 'pairs'>),
        objective: { name: 'dpo', params: { beta: 0.4 } },
        optimizer,
        record: every,
      };
      const whole = await engine().train(experiment);
      const cut = await engine().train(forked(experiment, 4));
      expect(cut.steps).toEqual(whole.steps);
      expect(cut.final).toEqual(whole.final);
      // the reference is the run's own start, and the loss knows it: without it the fork's loss begins at log 2
      expect(Math.abs((cut.steps[4]?.loss ?? 0) - Math.LN2)).toBeGreaterThan(1e-3);
    },
  );

  test('mini-batches and a fork of a fork go on, too', async () => {
    const experiment: Experiment = {
      ...(toyPolicies['tabular'] as Pick<Experiment, 'policy' | 'pairs'>),
      objective: { name: 'dpo' },
      optimizer: { kind: 'adam', learningRate: 0.1, steps: 9, batchSize: 2 },
      record: every,
      seed: 3,
    };
    const whole = await engine().train(experiment);
    const once = forked(experiment, 2);
    const [rest] = once.stages ?? [];
    const optimizer = { ...experiment.optimizer, steps: 3 };
    const twice = {
      ...once,
      stages: [
        { ...rest, optimizer },
        { ...rest, optimizer: { ...optimizer, steps: 4 } },
      ],
    } as Experiment;
    expect((await engine().train(twice)).steps).toEqual(whole.steps);
  });

  test('driven by hand in any strides, a fork passes through the same states; a changed one parts at the fork', async () => {
    const experiment: Experiment = {
      ...(toyPolicies['features'] as Pick<Experiment, 'policy' | 'pairs'>),
      objective: { name: 'dpo' },
      optimizer: { kind: 'momentum', learningRate: 0.1, steps: 9 },
      record: every,
    };
    const whole = await engine().train(experiment);
    for (const strides of [[9], [4, 5], [1, 2, 1, 1, 4], [0, 5, 0, 4]]) {
      const run = await engine().startRun(forked(experiment, 4));
      const steps = await run.advance(0, [0]);
      for (const updates of strides) {
        const from = run.step;
        steps.push(
          ...(await run.advance(
            updates,
            every.filter((step) => step > from && step <= from + updates),
          )),
        );
      }
      expect(run.step).toBe(9);
      expect(steps).toEqual(whole.steps);
      run.dispose();
    }
    const { stages = [], ...first } = forked(experiment, 4);
    const changed = { ...first, stages: stages.map((stage) => ({ ...stage, objective: { name: 'ipo' } })) };
    const other = await engine().train(changed);
    expect(other.steps.slice(0, 4)).toEqual(whole.steps.slice(0, 4));
    expect(other.steps[4]?.chosenLogps).toEqual(whole.steps[4]?.chosenLogps);
    expect(other.steps[5]?.chosenLogps).not.toEqual(whole.steps[5]?.chosenLogps);
  });

  test('memory is kept only by the optimiser that it belongs to', async () => {
    const experiment = forked(
      {
        ...(toyPolicies['features'] as Pick<Experiment, 'policy' | 'pairs'>),
        objective: { name: 'dpo' },
        optimizer: { kind: 'adam', learningRate: 0.1, steps: 9 },
      },
      4,
    );
    const sgd = { kind: 'sgd', learningRate: 0.1, steps: 5 } as const;
    const other = { ...experiment, stages: [{ ...experiment.stages?.[0], optimizer: sgd }] } as Experiment;
    await expect(engine().train(other)).rejects.toThrow(/optimizerState cannot be 'kept' where adam is followed by sgd/);
    await expect(engine().startRun(other)).rejects.toBeInstanceOf(ExperimentError);
  });
});
