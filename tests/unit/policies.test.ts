import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { type Experiment, objectives, openEngine, type Pair, type Parameters, type Policy } from '../../src/index.ts';
import { ToyRun } from '../../src/train/toy-run.ts';
import { expectWithin } from '../gpu/tolerance.ts';
import { toyPolicies } from '../gpu/toy-policies.ts';

const backend = createCpuBackend();

/** The state of a policy at other parameters than its own. */
async function outcomeLogps(policy: Policy, parameters?: Parameters): Promise<number[]> {
  const run = await ToyRun.open(backend, { ...plain, policy, pairs: [{ prompt: 0, chosen: 0, rejected: 1 }] }, { parameters });
  const [state] = await run.advance(0, [0]);
  run.dispose();
  return state?.outcomeLogps ?? [];
}

const plain: Omit<Experiment, 'policy' | 'pairs'> = { objective: { name: 'dpo' }, optimizer: { kind: 'sgd', learningRate: 1, steps: 1 } };

/** What one step of gradient descent at a rate of 1 takes from each parameter. */
async function gradientOf(experiment: Experiment): Promise<Parameters> {
  const run = await ToyRun.open(backend, experiment);
  const before = await run.parameters();
  await run.advance(1, []);
  const after = await run.parameters();
  run.dispose();
  return Object.fromEntries(
    Object.entries(before).map(([name, values]) => [name, values.map((x, i) => x - (after[name]?.[i] ?? Number.NaN))]),
  );
}

const smallStep = 2 ** -17;

/** [parameter][prompts × K] d log π / d parameter, by central differences. */
async function jacobian(policy: Policy, name: string, parameters: Parameters): Promise<number[][]> {
  const rows: number[][] = [];
  for (const i of (parameters[name] ?? []).keys()) {
    const at = (by: number) => ({ ...parameters, [name]: (parameters[name] ?? new Float64Array()).map((x, j) => (i === j ? x + by : x)) });
    const [up, down] = [await outcomeLogps(policy, at(smallStep)), await outcomeLogps(policy, at(-smallStep))];
    rows.push(up.map((logp, y) => (logp - (down[y] ?? Number.NaN)) / (2 * smallStep)));
  }
  return rows;
}

describe.each(['mlp', 'logLinear, base', 'logLinear, base of each prompt'])('%s', async (name) => {
  const { policy, pairs: few } = toyPolicies[name] as Pick<Experiment, 'policy' | 'pairs'>;
  const pairs = few.map((pair): Pair => ({ ...pair, rewards: [2, 0.5], label: 0.8 }));
  const start = await ToyRun.open(backend, { ...plain, policy, pairs });
  const parameters = await start.parameters();
  start.dispose();
  const logps = await outcomeLogps(policy);
  const columns = logps.length / (policy.kind === 'mlp' ? policy.inputs.length : policy.kind === 'logLinear' ? policy.weights.length : 1);
  /** the same distributions as free logits */
  const free: Policy = {
    kind: 'tabular',
    logits: Array.from({ length: logps.length / columns }, (_, prompt) => logps.slice(prompt * columns, (prompt + 1) * columns)),
  };
  const trained = Object.keys(parameters).filter((tensor) => tensor !== 'features');
  const slopes = await Promise.all(trained.map((tensor) => jacobian(policy, tensor, parameters)));

  test.each(objectives.map(({ id }) => id))('under %s the gradient is that by free logits through the chain rule', async (id) => {
    const byLogits = [...((await gradientOf({ ...plain, policy: free, pairs, objective: { name: id } }))['logits'] ?? [])];
    expect(Math.max(...byLogits.map(Math.abs))).toBeGreaterThan(1e-3);
    const gradient = await gradientOf({ ...plain, policy, pairs, objective: { name: id } });
    const size = byLogits.reduce((sum, g) => sum + Math.abs(g), 0);
    for (const [index, tensor] of trained.entries())
      expectWithin(
        gradient[tensor] ?? [],
        // Logits and log-probs differ by a number for each prompt, and the gradients of a prompt's logits sum to 0.
        (slopes[index] ?? []).map((row) => row.reduce((sum, slope, y) => sum + slope * (byLogits[y] ?? Number.NaN), 0)),
        // A central difference errs by h² / 6 of a third derivative, here below 60, and by a roundoff of log-probs below 8 over h.
        () => size * ((60 * smallStep ** 2) / 6 + (8 * 4 * 2 ** -53) / smallStep),
        tensor,
      );
  });

  test('the normalised pair update steps along unit gradients', async () => {
    const optimizer = { kind: 'normalised-pair', learningRate: 1, steps: 1 } as const;
    const gradient = await gradientOf({ ...plain, policy, pairs, optimizer });
    const all = slopes.flat();
    const expected = all.map(() => 0);
    for (const { prompt, chosen, rejected, weight = 1 } of pairs)
      for (const [response, sign] of [
        [chosen, -1],
        [rejected, 1],
      ] as const) {
        const own = all.map((row) => row[prompt * columns + Number(response)] ?? Number.NaN);
        const length = Math.hypot(...own);
        for (const [i, slope] of own.entries()) expected[i] = (expected[i] ?? 0) + (sign * weight * slope) / length / pairs.length;
      }
    // derivatives as far off as above, over lengths above 1/2; an error of the length adds as much again for each of them
    const bound = (2 * 2 * all.length * ((60 * smallStep ** 2) / 6 + (8 * 4 * 2 ** -53) / smallStep)) / 0.5;
    expectWithin(
      trained.flatMap((tensor) => [...(gradient[tensor] ?? [])]),
      expected,
      () => bound,
    );
  });

  test('the geometry of pairs is that of the derivatives of their log-probs', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const diagnoses = await engine.diagnose({ ...plain, policy, pairs });
    for (const [index, { prompt, chosen, rejected }] of pairs.entries()) {
      const of = (response: Pair['chosen']) => slopes.flat().map((row) => row[prompt * columns + Number(response)] ?? Number.NaN);
      const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);
      const { chosenGradNormSq, rejectedGradNormSq, innerProduct, ches } = diagnoses[index] ?? {};
      const [w, l] = [of(chosen), of(rejected)];
      expectWithin(
        [chosenGradNormSq, rejectedGradNormSq, innerProduct] as number[],
        [product(w, w), product(l, l), product(w, l)],
        // two derivatives below 4 for each of the parameters, each as far off as above
        () => 2 * 4 * w.length * ((60 * smallStep ** 2) / 6 + (8 * 4 * 2 ** -53) / smallStep),
      );
      expect(ches).toBe(null);
    }
  });

  test('one step towards a target is that of free logits through the chain rule', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const uniform = free.kind === 'tabular' ? free.logits.map((row) => row.map(() => -Math.log(row.length))) : [];
    const step = async (own: Policy) => {
      const optimizer = { kind: 'sgd', learningRate: 1, steps: 1 } as const;
      const { final } = await engine.matchTarget({ policy: own, targetLogps: uniform, direction: 'forward', optimizer });
      return final;
    };
    const after = (await step(free))['logits'] ?? [];
    const moved = await step(policy);
    for (const [index, tensor] of trained.entries())
      expectWithin(
        [...(moved[tensor] ?? [])].map((x, i) => x - (parameters[tensor]?.[i] ?? Number.NaN)),
        (slopes[index] ?? []).map((row) => row.reduce((sum, slope, y) => sum + slope * ((after[y] ?? Number.NaN) - (logps[y] ?? 0)), 0)),
        () => columns * ((60 * smallStep ** 2) / 6 + (8 * 4 * 2 ** -53) / smallStep),
        tensor,
      );
  });
});

test('a flow begins at the policy with its base, and there is none of a network', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const policy = (base?: number[]): Policy => ({
    kind: 'logLinear',
    weights: [[1, 0.5]],
    features: [
      [1, 0],
      [0.3, 0.2],
      [-1, 1],
    ],
    ...(base ? { base } : {}),
  });
  const lines = (own: Policy, referenceLogps?: number[]) =>
    engine.flow({
      ...{ policy: own, pairs: [{ prompt: 0, chosen: 0, rejected: 2 }], objective: { name: 'dpo' }, corners: [0, 1, 2] },
      ...{ starts: new Float64Array([0.1, 0.2, -0.3]), clock: 'time', size: 0.1, steps: 5, ...(referenceLogps ? { referenceLogps } : {}) },
    });
  const base = [0.5, -1, 2];
  const [own, given, other] = [await lines(policy(base)), await lines(policy(), await outcomeLogps(policy(base))), await lines(policy())];
  expectWithin(own.chosenRate, [...given.chosenRate], () => 2 ** -45);
  expect(Math.abs((own.chosenRate[0] ?? 0) - (other.chosenRate[0] ?? 0))).toBeGreaterThan(1e-3);
  const network: Policy = {
    kind: 'mlp',
    inputs: [[1]],
    hidden: { weights: [[1]], bias: [0] },
    output: { weights: [[1], [0], [2]], bias: [0, 0, 0] },
  };
  await expect(lines(network)).rejects.toMatchObject({ path: 'policy.kind' });
});

test('a base is added to the logits, one for all prompts or one for each', async () => {
  const weights = [
    [0.3, -0.2],
    [1, 0.5],
  ];
  const features = [
    [1, 0],
    [0.5, -1],
    [0, 2],
  ];
  const base = [0.7, -1, 0.2];
  const other = [0, 3, -0.5];
  const logits = (added: readonly number[][]) =>
    weights.map((w, prompt) => features.map((f, y) => f.reduce((sum, x, k) => sum + x * (w[k] ?? 0), 0) + (added[prompt]?.[y] ?? 0)));
  for (const [given, added] of [
    [base, [base, base]],
    [
      [base, other],
      [base, other],
    ],
  ] as const) {
    const ofBase = await outcomeLogps({ kind: 'logLinear', weights, features, base: given as number[] });
    expectWithin(ofBase, await outcomeLogps({ kind: 'tabular', logits: logits(added) }), () => 8 * 2 ** -53);
  }
});

test('what a network cannot do is refused by name', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const toy = toyPolicies['mlp'] as Experiment;
  const { policy } = toy;
  if (policy.kind !== 'mlp') throw new Error('mlp');
  const refusals: [object, string][] = [
    [{ inputs: [[1], [2, 3]] }, 'policy.inputs[1]'],
    [{ hidden: { ...policy.hidden, weights: [[1]] } }, 'policy.hidden.weights'],
    [{ hidden: { ...policy.hidden, bias: [1] } }, 'policy.hidden.bias'],
    [{ output: { ...policy.output, weights: policy.output.weights.map((row) => row.slice(1)) } }, 'policy.output.weights'],
    [{ output: { weights: policy.output.weights } }, 'policy.output.bias[0]'],
    [{ output: null }, 'policy.output'],
  ];
  for (const [change, path] of refusals)
    await expect(engine.train({ ...plain, ...toy, policy: { ...policy, ...change } })).rejects.toMatchObject({ path });
});

test('noise moves both layers of a network, weights and biases', async () => {
  const { policy } = toyPolicies['mlp'] as Experiment;
  const parametersOf = async (noise: number) => {
    const run = await ToyRun.open(backend, { ...plain, ...(toyPolicies['mlp'] as Experiment), policy: { ...policy, noise } });
    return run.parameters();
  };
  const [quiet, noisy] = [await parametersOf(0), await parametersOf(0.5)];
  for (const [name, values] of Object.entries(quiet)) expect([...values].some((x, i) => x === noisy[name]?.[i])).toBe(false);
});
