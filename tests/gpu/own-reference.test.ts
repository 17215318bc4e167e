import { expect, test } from 'vitest';
import { type Experiment, ExperimentError, type Policy, type ReferenceSync } from '../../src/index.ts';
import golden from '../golden/online_losses.json';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

interface GoldenRun {
  id: string;
  experiment: Experiment;
  /** [pairs][chosen, rejected] */
  trajectory: { loss: number; responseLogps: number[][] }[];
  final: Record<string, number[]>;
}
const runs = golden.pairs as unknown as GoldenRun[];
const dpo = runs.find(({ id }) => id.startsWith('tabular'))?.experiment as Experiment;

describeEngines('a reference that moves, or is another policy', (engine, kind) => {
  // As in group-golden.test.ts: 2 roundoffs of a parameter (below 4) at the start, and 4 more with each update; a logit of the features
  // policy is a sum of three products of numbers below 2. The reference rounds as the policy does, and its share of the margin doubles it.
  const unit = kind === 'cpu' ? 1e-15 : float32Roundoff;
  const parameterBound = (step: number) => unit * (2 + 4 * step);

  test.each(runs)('$id', async ({ experiment, trajectory, final }) => {
    const { steps, final: trained } = await engine().train(experiment);
    const spread = experiment.policy.kind === 'features' ? 12 : 1;
    const tokens = experiment.policy.kind === 'bigram' ? 3 : 1;
    expect(steps.map(({ step }) => step)).toEqual(trajectory.map((_, step) => step));
    for (const [step, expected] of trajectory.entries()) {
      const state = steps[step];
      const bound = tokens * (2 * spread * parameterBound(step) + 8 * unit) + 16 * unit;
      const logps = [...(state?.chosenLogps ?? []), ...(state?.rejectedLogps ?? [])];
      const known = [0, 1].flatMap((side) => expected.responseLogps.map((pair) => pair[side] ?? Number.NaN));
      expectWithin(logps, known, () => bound, `step ${step}: log-probs`);
      // slopes of β by two log-probs of either policy
      expectWithin([state?.loss ?? Number.NaN], [expected.loss], () => 4 * bound, `step ${step}: loss`);
    }
    for (const [name, values] of Object.entries(final))
      expectWithin(trained[name] ?? [], values, () => spread * parameterBound(trajectory.length - 1), name);
  });

  test('a run by hand, in any pieces, and among trials is the same run', async () => {
    const { steps, final } = await engine().train(dpo);
    const run = await engine().startRun(dpo);
    const states = [...(await run.advance(3, [0, 1, 2])), ...(await run.advance(1, [3, 4])), ...(await run.advance(4, [5, 6, 7, 8]))];
    expect(states).toEqual(steps);
    expect(await run.parameters()).toEqual(final);
    run.dispose();
    const trials = await engine().trials([dpo, { ...dpo, syncReference: { refModelSyncSteps: 1 } }, dpo]);
    expect(trials[0]?.final).toEqual(final);
    expect(trials[2]?.final).toEqual(final);
    expect(trials[1]?.final).not.toEqual(final);
  });

  test('a share of 0, or a time that does not come, moves nothing; TRL’s defaults are 512 and 0.6', async () => {
    const { syncReference: _, ...still } = dpo;
    const end = async (syncReference?: ReferenceSync) =>
      (await engine().train({ ...still, ...(syncReference ? { syncReference } : {}) })).steps.map(({ reference: _, ...state }) => state);
    const plain = await end();
    expect(await end({ refModelSyncSteps: 2, refModelMixupAlpha: 0 })).toEqual(plain);
    expect(await end({})).toEqual(plain);
    expect(await end({ refModelSyncSteps: 2 })).toEqual(await end({ refModelSyncSteps: 2, refModelMixupAlpha: 0.6 }));
    const hard = await end({ refModelSyncSteps: 4, refModelMixupAlpha: 1 });
    expect(hard.slice(0, 4)).toEqual(plain.slice(0, 4));
    expect(Math.abs((hard[4]?.loss ?? 0) - Math.log(2))).toBeLessThan(4 * unit); // compared with itself
  });

  test('in a later stage the reference begins where the stage says, and moves from there', async () => {
    const { syncReference: _, record: __, ...still } = dpo;
    const sync = { refModelSyncSteps: 2, refModelMixupAlpha: 0.5 };
    const sft: Experiment = { ...still, objective: { name: 'sft' }, syncReference: sync };
    const stage = { objective: dpo.objective, optimizer: { ...dpo.optimizer, steps: 5 } };
    const staged = await engine().train({ ...sft, stages: [stage] });
    const first = await engine().train({ ...still, objective: { name: 'sft' } });
    const rows = [...(first.final['logits'] ?? [])];
    const policy: Policy = { kind: 'tabular', logits: [rows.slice(0, 5), rows.slice(5)] };
    const second = await engine().train({ ...still, ...stage, policy, syncReference: sync });
    expect(staged.final).toEqual(second.final);
    const fromStart = await engine().train({ ...sft, stages: [{ ...stage, reference: 'run start' }] });
    expect(fromStart.final).toEqual(
      (await engine().train({ ...still, ...stage, policy, reference: dpo.policy, syncReference: sync })).final,
    );
    expect(fromStart.final).not.toEqual(staged.final);
  });

  test('by hand: one logit against another, under DPO with β = 1', async () => {
    // Two answers, gap g = θ_0 − θ_1, both log-probs from it; a step of ½ adds σ(−(g − g_ref)) to g.
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    for (const [every, share] of [
      [2, 1],
      [1, 0.25],
      [3, 0.6],
    ] as const) {
      const { steps } = await engine().train({
        policy: { kind: 'tabular', logits: [[0, 0]] },
        pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
        objective: { name: 'dpo', params: { beta: 1 } },
        optimizer: { kind: 'sgd', learningRate: 0.5, steps: 7 },
        record: [0, 1, 2, 3, 4, 5, 6, 7],
        syncReference: { refModelSyncSteps: every, refModelMixupAlpha: share },
      });
      let [gap, ofReference] = [0, 0];
      for (const [step, state] of steps.entries()) {
        // TRL: after global_step % ref_model_sync_steps == 0, ref ← (1 − α) ref + α policy, of parameters that are the gap's halves here
        if (step > 0) gap += sigmoid(ofReference - gap);
        if (step > 0 && step % every === 0) ofReference = (1 - share) * ofReference + share * gap;
        // a dozen operations an update on numbers below 6
        const bound = 12 * 6 * unit * (step + 1);
        const logps = (g: number) => [Math.log(sigmoid(g)), Math.log(sigmoid(-g))];
        expectWithin(state.outcomeLogps ?? [], logps(gap), () => bound, `step ${step}: policy`);
        expectWithin(state.reference?.outcomeLogps ?? [], logps(ofReference), () => bound, `step ${step}: reference`);
        expectWithin([state.loss], [-Math.log(sigmoid(gap - ofReference))], () => bound, `step ${step}: loss`);
        expect(state.reference?.chosenLogps).toEqual(state.reference?.outcomeLogps?.slice(0, 1));
        expect(state.reference?.rejectedLogps).toEqual(state.reference?.outcomeLogps?.slice(1));
      }
    }
  });

  test('a stage that keeps the optimiser goes on with the reference as well, to the bit', async () => {
    const whole = await engine().train(dpo);
    const { steps: total } = dpo.optimizer;
    for (const first of [1, 3, 4]) {
      const stages = [{ optimizer: { ...dpo.optimizer, steps: total - first }, optimizerState: 'kept' as const }];
      const staged = await engine().train({ ...dpo, optimizer: { ...dpo.optimizer, steps: first }, stages });
      expect(staged.steps).toEqual(whole.steps);
      expect(staged.final).toEqual(whole.final);
    }
  });

  test('what there cannot be is refused by name', async () => {
    const refused = async (more: Partial<Experiment>, path: string) => {
      const error = await engine()
        .train({ ...dpo, ...more })
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ExperimentError);
      expect((error as ExperimentError).path).toBe(path);
    };
    await refused({ syncReference: { refModelSyncSteps: 0 } }, 'syncReference.refModelSyncSteps');
    await refused({ syncReference: { refModelMixupAlpha: 1.5 } }, 'syncReference.refModelMixupAlpha');
    await refused({ syncReference: 3 as unknown as ReferenceSync }, 'syncReference');
    await refused({ reference: { kind: 'bigram', prompts: 1, vocab: 1, table: [[0], [0]] } }, 'reference.kind');
    await refused({ reference: { kind: 'tabular', logits: [[0, 1]] } }, 'reference');
    await refused({ reference: { kind: 'tabular', logits: [[Number.NaN]] } }, 'reference.logits[0][0]');
    await refused({ stages: [{ optimizerState: 'kept', reference: 'run start' }] }, 'stages[0].reference');
  });
});
