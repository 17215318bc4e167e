import { expect, test } from 'vitest';
import { logSigmoid, mean, sigmoid } from '../../src/core/numerics.ts';
import { type Engine, type Experiment, ExperimentError, type ObjectiveChoice, ObjectiveError } from '../../src/index.ts';
import { randomStream } from '../shared/random-expressions.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

/** Pairs of one token out of two: enough for the log-probs to be anything, over two workgroups, and with ties in every ranking. */
const pairs = 70;
const random = randomStream(11);
const quarter = () => Math.round(-16 * random()) / 4; // exact in float32
const logits = Array.from({ length: 4 }, () => Float32Array.from({ length: 2 * pairs }, (_, i) => (i % 2 === 0 ? quarter() : 0)));
const references = [Float32Array.from({ length: pairs }, quarter), Float32Array.from({ length: pairs }, quarter)];
const logpsOf = (side: 0 | 1) => Array.from({ length: pairs }, (_, pair) => logSigmoid(logits[side]?.[2 * pair] ?? 0));
const [a, b, ra, rb] = [logpsOf(0), logpsOf(1), [...(references[0] ?? [])], [...(references[1] ?? [])]];

async function gradientsOf(engine: Engine, choice: ObjectiveChoice, shift = 0) {
  const side = (at: 0 | 1) => ({
    logits: engine.tensor(logits[at] ?? new Float32Array(), [pairs, 1, 2]),
    tokens: engine.tensor(new Uint32Array(pairs), [pairs, 1]),
  });
  const gradients = engine.preferenceGradients(
    {
      chosen: side(0),
      rejected: side(1),
      refChosenLogps: Float32Array.from(ra, (logp) => logp + shift),
      refRejectedLogps: Float32Array.from(rb, (logp) => logp + shift),
    },
    choice,
  );
  const read = async (which: 'chosenGrad' | 'rejectedGrad', logps: number[]) =>
    // d log π(token) / d logit = 1 - π(token): back from the logits' gradient to the slope
    [...(await gradients[which].read())].filter((_, i) => i % 2 === 0).map((gradient, pair) => -gradient / Math.expm1(logps[pair] ?? 0));
  return {
    losses: [...(await gradients.losses.read())],
    byChosen: await read('chosenGrad', a),
    byRejected: await read('rejectedGrad', b),
  };
}

/** Positions of the values in rising order; the earlier of equal ones first, as in any stable sort. */
const order = (values: readonly number[]) => values.map((_, i) => i).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0) || i - j);
const minus = (x: readonly number[], y: readonly number[]) => x.map((value, i) => value - (y[i] ?? 0));

describeEngines('statistics of the batch', (engine, kind) => {
  const beta = 0.7;
  const epsilon = 0.1;
  // Log-probs of size up to 6 err by a few roundoffs, the slopes are at most β / B, and the division by 1 - π loses no more than two bits.
  const slopeBound = (kind === 'cpu' ? 16 * Number.EPSILON : 64 * float32Roundoff) / pairs;
  const lossBound = kind === 'cpu' ? 64 * Number.EPSILON : 64 * float32Roundoff;
  const smooth = (z: number) => -(1 - epsilon) * logSigmoid(z) - epsilon * logSigmoid(-z);
  const slope = (z: number) => (beta / pairs) * (epsilon * sigmoid(z) - (1 - epsilon) * sigmoid(-z));

  test('AOT sorts policy and reference margins apart', async () => {
    const margins = minus(a, b);
    const [policy, reference] = [order(margins), minus(ra, rb).sort((x, y) => x - y)];
    const expected = new Float64Array(pairs);
    let total = 0;
    for (const [rank, pair] of policy.entries()) {
      const z = beta * ((margins[pair] ?? 0) - (reference[rank] ?? 0));
      total += smooth(z);
      expected[pair] = slope(z);
    }
    const got = await gradientsOf(engine(), { name: 'aot', params: { beta, labelSmoothing: epsilon } });
    expectWithin([mean(got.losses)], [total / pairs], () => lossBound, 'loss');
    expectWithin(got.byChosen, expected, () => slopeBound, 'chosen');
    expectWithin(
      got.byRejected,
      expected.map((x) => -x),
      () => slopeBound,
      'rejected',
    );
  });

  test('unpaired AOT sends the gradient of a rank to the two responses that hold it', async () => {
    const [chosen, rejected] = [minus(a, ra), minus(b, rb)];
    const [byChosen, byRejected] = [new Float64Array(pairs), new Float64Array(pairs)];
    let total = 0;
    const rejectedOrder = order(rejected);
    for (const [rank, pair] of order(chosen).entries()) {
      const other = rejectedOrder[rank] ?? 0;
      const z = beta * ((chosen[pair] ?? 0) - (rejected[other] ?? 0));
      total += smooth(z);
      byChosen[pair] = slope(z);
      byRejected[other] = -slope(z);
    }
    const got = await gradientsOf(engine(), { name: 'aot_unpaired', params: { beta, labelSmoothing: epsilon } });
    expectWithin([mean(got.losses)], [total / pairs], () => lossBound, 'loss');
    // Equal values of one ranking may differ in the last bit on the GPU, and then swap: sorted, the slopes must still agree.
    const rising = (values: ArrayLike<number>) => Array.from(values).sort((x, y) => x - y);
    expectWithin(rising(got.byChosen), rising(byChosen), () => slopeBound, 'chosen');
    expectWithin(rising(got.byRejected), rising(byRejected), () => slopeBound, 'rejected');
  });

  test.each([8, -8])("KTO's baseline is the mean log-ratio, but at least 0 (references moved by %i)", async (shift) => {
    const [chosen, rejected] = [minus(a, ra).map((h) => h - shift), minus(b, rb).map((h) => h - shift)];
    const baseline = Math.max(0, mean([...chosen, ...rejected]));
    expect(baseline > 0).toBe(shift < 0);
    // a sum of 140 log-ratios below 16, taken one after the other, errs by at most 140 roundoffs of its size
    const bound = kind === 'cpu' ? 1e-13 : 16 * 140 * float32Roundoff;
    const shown = await gradientsOf(engine(), { expression: 'kl_baseline + logp_w' }, shift);
    expectWithin(
      shown.losses,
      a.map((logp) => baseline + logp),
      () => bound,
      'baseline',
    );
    const got = await gradientsOf(engine(), { name: 'kto', params: { beta } }, shift);
    const losses = chosen.map((h, i) => (sigmoid(-beta * (h - baseline)) + sigmoid(-beta * (baseline - (rejected[i] ?? 0)))) / 2);
    expectWithin(got.losses, losses, () => bound, 'losses');
    const slopes = chosen.map((h) => ((-beta / 2) * sigmoid(beta * (h - baseline)) * sigmoid(-beta * (h - baseline))) / pairs);
    expectWithin(got.byChosen, slopes, () => bound / pairs, 'slopes');
  });
});

/** A tabular run with one prompt. */
const tabular = (objective: ObjectiveChoice, more: Partial<Experiment['pairs'][number]> = {}): Experiment => ({
  policy: { kind: 'tabular', logits: [[0.3, -0.8, 1.1, 0]] },
  pairs: [
    { prompt: 0, chosen: 0, rejected: 2, ...more },
    { prompt: 0, chosen: 1, rejected: 3, ...more },
  ],
  objective,
  optimizer: { kind: 'sgd', learningRate: 0.5, steps: 12 },
  record: [0, 1, 2, 3, 6, 12],
});

/** BCO with its running mean on that policy, as loops. */
function bcoByHand({ policy, optimizer, pairs: list }: Experiment, beta: number): number[][] {
  if (policy.kind !== 'tabular') return [];
  const theta = [...(policy.logits[0] ?? [])];
  const logps = () => {
    const total = Math.log(theta.reduce((sum, x) => sum + Math.exp(x), 0));
    return theta.map((x) => x - total);
  };
  const start = logps();
  const seen: number[] = [];
  const trajectory: number[][] = [];
  for (let step = 0; step <= optimizer.steps; step++) {
    const now = logps();
    trajectory.push(now);
    const ratios = now.map((logp, i) => logp - (start[i] ?? 0));
    for (const { chosen, rejected } of list) seen.push(ratios[chosen as number] ?? 0, ratios[rejected as number] ?? 0);
    const delta = mean(seen);
    const gradient = theta.map(() => 0);
    const push = (token: number, slope: number) => {
      for (const [v, logp] of now.entries()) gradient[v] = (gradient[v] ?? 0) + slope * (Number(v === token) - Math.exp(logp));
    };
    for (const { chosen, rejected } of list) {
      push(chosen as number, (-beta * sigmoid(-beta * ((ratios[chosen as number] ?? 0) - delta))) / 2 / list.length);
      push(rejected as number, (beta * sigmoid(beta * ((ratios[rejected as number] ?? 0) - delta))) / 2 / list.length);
    }
    for (const [v, g] of gradient.entries()) theta[v] = (theta[v] ?? 0) - optimizer.learningRate * g;
  }
  return trajectory;
}

describeEngines('training with statistics and token weights', (engine, kind) => {
  // As in the golden trajectories: each update rounds parameters below 4 once.
  const drift = (step: number) => (kind === 'cpu' ? 1e-14 : 8 * float32Roundoff) * (step + 2);

  test("BCO's running mean counts every step once, however the run is cut", async () => {
    const experiment = tabular({ name: 'bco', params: { beta: 1.5 } });
    const expected = bcoByHand(experiment, 1.5);
    const whole = await engine().train(experiment);
    const run = await engine().startRun(experiment);
    const cut = [];
    for (const updates of [0, 1, 0, 1, 4, 0, 6]) cut.push(...(await run.advance(updates)));
    run.dispose();
    for (const state of [...whole.steps, ...cut])
      expectWithin(state.outcomeLogps ?? [], expected[state.step] ?? [], () => drift(state.step), `step ${state.step}`);
  });

  const bigram = (objective: ObjectiveChoice, chosen: number[], rejected: number[]): Experiment => ({
    policy: { kind: 'bigram', prompts: 1, vocab: 4, table: Array.from({ length: 5 }, (_, row) => [0.1 * row, -0.4, 0.7 - 0.2 * row, 0]) },
    pairs: [{ prompt: 0, chosen, rejected }],
    objective,
    optimizer: { kind: 'sgd', learningRate: 0.4, steps: 8 },
    record: [0, 1, 4, 8],
  });

  test('ldAlpha 0 is DPO on responses cut to the shorter length, and 1 is DPO', async () => {
    const [chosen, rejected] = [
      [1, 2],
      [3, 0, 3, 0],
    ];
    const losses = async (experiment: Experiment) => (await engine().train(experiment)).steps.map(({ loss }) => loss);
    const of = (ldAlpha: number) => losses(bigram({ name: 'dpo', params: { beta: 0.8, ldAlpha } }, chosen, rejected));
    const dpo: ObjectiveChoice = { name: 'dpo', params: { beta: 0.8 } };
    expectWithin(await of(0), await losses(bigram(dpo, chosen, rejected.slice(0, 2))), () => drift(8), 'ldAlpha 0');
    expectWithin(await of(1), await losses(bigram(dpo, chosen, rejected)), () => drift(8), 'ldAlpha 1');
    const [half, none] = [await of(0.5), await of(0)];
    expect(Math.abs((half[3] ?? 0) - (none[3] ?? 0))).toBeGreaterThan(1e-3);
  });

  test('WPO, sorted and reward-aware objectives train', async () => {
    const more = { rewards: [2, 0.5] as [number, number], label: 0.8 };
    for (const choice of [
      { name: 'dpo', params: { useWeighting: true, beta: 1 } },
      { name: 'aot' },
      { name: 'aot_unpaired' },
      { name: 'kto' },
      { name: 'rebel', params: { eta: 0.1 } },
      { name: 'soft_label_dpo' },
    ]) {
      const { steps } = await engine().train(tabular(choice, more));
      const [first, last] = [steps[0]?.loss ?? Number.NaN, steps.at(-1)?.loss ?? Number.NaN];
      expect(last, choice.name).toBeLessThan(first);
    }
  });
});

describeEngines('what an objective lacks', (engine) => {
  test.each([
    ['rebel', 'prevChosenLogps'],
    ['odpo', 'chosenRewards'],
    ['soft_label_dpo', 'labels'],
  ])('%s asks the batch for %s', async (name, field) => {
    await expect(async () => gradientsOf(engine(), { name })).rejects.toThrow(ObjectiveError);
    await expect(async () => gradientsOf(engine(), { name })).rejects.toThrow(field);
  });
  test.each([
    ['rebel', /pairs\[0\]\.rewards is missing.*\[chosen, rejected\]/],
    ['sppo', /pairs\[0\]\.label is missing/],
  ])('%s asks the experiment', async (name, problem) => {
    await expect(engine().train(tabular({ name }))).rejects.toThrow(ExperimentError);
    await expect(engine().train(tabular({ name }))).rejects.toThrow(problem);
  });
  test('bad optional fields are named', async () => {
    await expect(engine().train(tabular({ name: 'dpo' }, { label: 2 }))).rejects.toThrow(/pairs\[0\]\.label must be a probability/);
    const bad = { rewards: [1] as unknown as [number, number] };
    await expect(engine().train(tabular({ name: 'dpo' }, bad))).rejects.toThrow(/pairs\[0\]\.rewards must be/);
  });
});
