import { expect, test } from 'vitest';
import { banditReference, banditReward } from '../../src/atlas/toys/modes/bandit.ts';
import {
  closedFormOptimum,
  type Experiment,
  ExperimentError,
  entropy,
  expectedReward,
  klDivergence,
  type OnPolicyExperiment,
  type OnPolicyMethod,
} from '../../src/index.ts';
import { describeEngines } from './engines.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

const reference = banditReference();
const rewardsOf = { R1: banditReward(70), R2: banditReward(20) };
const bandit = { kind: 'tabular' as const, logits: [reference] };

const logits = [
  [0.5, -0.3, 0.1, 0.8, -1, 0],
  [0, 0.2, -0.6, 0.4, 0.3, -0.2],
];
const rewards = [
  [0, 0.2, 1, 0.1, 0.4, 0],
  [0.3, 0, 0, 0.2, 0, 1],
];
const toy = (method: OnPolicyMethod, more: Partial<OnPolicyExperiment> = {}): OnPolicyExperiment => ({
  policy: { kind: 'tabular', logits },
  rewards,
  method,
  sampling: { groups: 4, n: 6, rounds: 12, updates: 3 },
  optimizer: { kind: 'adam', learningRate: 0.1 },
  seed: 5,
  ...more,
});

describeEngines('exact targets', (engine, kind) => {
  test('the KL race: gradient descent on forward and reverse KL to π_ref e^{r / 0.1} has its printed rewards', async () => {
    for (const [name, direction, printed] of [
      ['R1', 'forward', [0.225, 0.648, 0.807, 0.911]],
      ['R1', 'reverse', [0.066, 0.379, 0.909, 0.937]],
      ['R2', 'forward', [0.663, 0.812, 0.874, 0.926]],
      ['R2', 'reverse', [0.859, 0.924, 0.938, 0.945]],
    ] as const) {
      const target = closedFormOptimum(reference, rewardsOf[name], 0.1);
      const { steps } = await engine().matchTarget({
        policy: bandit,
        targetLogps: [[...target]],
        direction,
        optimizer: { kind: 'sgd', learningRate: 1, steps: 400 },
        record: [0, 20, 50, 100, 400],
      });
      const reached = steps.slice(1).map(({ outcomeLogps }) => expectedReward(outcomeLogps, rewardsOf[name]));
      // three printed digits; float32 drifts by a roundoff of the logits (below 8) a step, 2e-4 after 400
      expectWithin(reached, printed, () => 5e-4 + (kind === 'cpu' ? 1e-6 : 400 * 8 * float32Roundoff), `${name}, ${direction}`);
      const start = steps[0]?.outcomeLogps ?? [];
      const exact = direction === 'forward' ? klDivergence(target, start) : klDivergence(start, target);
      expectWithin(steps[0]?.divergences ?? [], [exact], () => (kind === 'cpu' ? 1e-12 : 100 * 16 * float32Roundoff), 'divergence');
    }
  });

  test('shared features follow the same target', async () => {
    const policy = { kind: 'logLinear' as const, weights: [[0, 0]], features: { responses: 5, centres: [1, 3], width: 1 } };
    // a target that the features can express: logits of the weights (1, -0.5)
    const target = Array.from({ length: 5 }, (_, y) => Math.exp(-((y - 1) ** 2) / 2) - 0.5 * Math.exp(-((y - 3) ** 2) / 2));
    const logZ = Math.log(target.reduce((sum, x) => sum + Math.exp(x), 0));
    const targetLogps = [target.map((x) => x - logZ)];
    const { steps } = await engine().matchTarget({
      policy,
      targetLogps,
      direction: 'forward',
      optimizer: { kind: 'adam', learningRate: 0.05, steps: 60 },
      record: [0, 60],
    });
    const [first, last] = steps.map(({ divergences }) => divergences[0] ?? Number.NaN);
    expect(last).toBeLessThan((first ?? 0) / 100);
  });
});

describeEngines('training on samples', (engine, kind) => {
  const methods: OnPolicyMethod[] = [
    { kind: 'reinforce' },
    { kind: 'reinforce', baseline: 'minimum' },
    { kind: 'ppo' },
    { kind: 'dpo' },
    { kind: 'ipo', target: 4 },
    { kind: 'best-of-n' },
    { kind: 'rwr', temperature: 0.3 },
  ];

  test.each(methods)('$kind $baseline raises the expected reward, and repeats for its seed', async (method) => {
    const run = await engine().trainOnPolicy(toy(method));
    const [first, last] = [run.rounds[0], run.rounds.at(-1)];
    expect(run.rounds.map(({ updates }) => updates)).toEqual(Array.from({ length: 13 }, (_, round) => 3 * round));
    const rows = (logps: readonly number[]) => [logps.slice(0, 6), logps.slice(6)];
    const exact = (logps: readonly number[]) =>
      rows(logps).reduce((sum, row, prompt) => sum + expectedReward(row, rewards[prompt] ?? []), 0) / 2;
    expect(last?.expectedReward).toBe(exact(last?.outcomeLogps ?? []));
    expect(last?.entropy).toBe(rows(last?.outcomeLogps ?? []).reduce((sum, row) => sum + entropy(row), 0) / 2);
    expect(first?.klToStart).toBe(0);
    expect(last?.klToStart).toBe(last?.klToReference);
    expect(last?.expectedReward).toBeGreaterThan((first?.expectedReward ?? 1) + 0.2);
    expect((await engine().trainOnPolicy(toy(method))).rounds).toEqual(run.rounds);
    expect((await engine().trainOnPolicy(toy(method, { seed: 6 }))).rounds).not.toEqual(run.rounds);
  });

  test('a large sample of REINFORCE without baseline is the exact policy gradient, within five standard errors', async () => {
    const n = 20_000;
    const { final } = await engine().trainOnPolicy(
      toy(
        { kind: 'reinforce', baseline: 'none' },
        { sampling: { groups: 1, n, rounds: 1, updates: 1 }, optimizer: { kind: 'sgd', learningRate: 1 } },
      ),
    );
    for (const [prompt, row] of logits.entries()) {
      const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
      const pi = row.map((x) => Math.exp(x) / total);
      const r = rewards[prompt] ?? [];
      const value = pi.reduce((sum, p, y) => sum + p * (r[y] ?? 0), 0);
      for (const [y, p] of pi.entries()) {
        // the loss is a mean over both prompts' samples
        const step = (final['logits']?.[prompt * 6 + y] ?? 0) - (row[y] ?? 0);
        // the term r(y') (1[y' = y] - π_y) of one sample lies in [-1, 1] here
        expect(Math.abs(2 * step - p * ((r[y] ?? 0) - value))).toBeLessThan(5 / Math.sqrt(n));
      }
    }
  });

  test("PPO's first update is REINFORCE's, and its later ones stop at the clip", async () => {
    const once = { sampling: { groups: 4, n: 6, rounds: 1, updates: 1 }, optimizer: { kind: 'sgd' as const, learningRate: 0.5 } };
    const [ppo, reinforce] = [
      await engine().trainOnPolicy(toy({ kind: 'ppo' }, once)),
      await engine().trainOnPolicy(toy({ kind: 'reinforce' }, once)),
    ];
    expectWithin(
      ppo.final['logits'] ?? [],
      reinforce.final['logits'] ?? [],
      () => (kind === 'cpu' ? 1e-14 : 16 * float32Roundoff),
      'first update',
    );
    const often = { ...once, sampling: { ...once.sampling, updates: 60 } };
    const after = async (method: OnPolicyMethod) => (await engine().trainOnPolicy(toy(method, often))).rounds[1]?.klToStart ?? Number.NaN;
    const [clipped, loose, free] = [
      await after({ kind: 'ppo', clip: 0.1 }),
      await after({ kind: 'ppo', clip: 0.4 }),
      await after({ kind: 'reinforce' }),
    ];
    expect(clipped).toBeLessThan(loose);
    expect(loose).toBeLessThan(free / 2);
  });

  test('resetting the reference makes it the present policy; a KL penalty holds the policy back', async () => {
    const { rounds } = await engine().trainOnPolicy(toy({ kind: 'dpo', beta: 0.5 }, { resetReference: 4 }));
    for (const { round, klToReference, klToStart } of rounds.slice(1)) {
      if (round % 4 === 0 && round < 12) expect(klToReference).toBe(0);
      else expect(klToReference).toBeGreaterThan(0);
      expect(klToStart).toBeGreaterThan(0);
    }
    const end = async (klPenalty: number) =>
      (await engine().trainOnPolicy(toy({ kind: 'reinforce' }, { klPenalty }))).rounds.at(-1)?.klToStart ?? 0;
    expect(await end(1)).toBeLessThan((await end(0)) / 2);
  });

  test('a third law makes the data: only what it draws can be learned, and the reference stays the start', async () => {
    const sampler = [
      [-80, -80, 0, 0.5, -80, -80],
      [0.3, 0, -80, -80, -80, -80],
    ];
    const { rounds } = await engine().trainOnPolicy(
      toy({ kind: 'best-of-n' }, { sampling: { groups: 4, n: 6, rounds: 12, updates: 3, sampler } }),
    );
    const [first, last] = [rounds[0]?.outcomeLogps ?? [], rounds.at(-1)?.outcomeLogps ?? []];
    const rose = last.flatMap((logp, y) => (logp > (first[y] ?? 0) ? [y] : []));
    expect(rose).toEqual([2, 6]); // the better of the two outcomes that are drawn for each prompt
    expect(rounds.at(-1)?.klToReference).toBe(rounds.at(-1)?.klToStart);
    // drawn from the start's own law, the data is the start's
    const own = { groups: 4, n: 6, rounds: 3, updates: 3 };
    const run = async (more: Partial<OnPolicyExperiment['sampling']>) =>
      (await engine().trainOnPolicy(toy({ kind: 'dpo' }, { sampling: { ...own, ...more } }))).rounds;
    expect(await run({ sampler: logits })).toEqual(await run({ source: 'start' }));
  });

  test('pairs of nearly equal rewards can be left out', async () => {
    const outcomes = async (method: OnPolicyMethod, given = rewards) =>
      (await engine().trainOnPolicy({ ...toy(method), rewards: given })).rounds.map(({ outcomeLogps }) => outcomeLogps);
    for (const kind of ['dpo', 'ipo'] as const) {
      expect(await outcomes({ kind, threshold: 0 })).toEqual(await outcomes({ kind }));
      const untouched = await outcomes({ kind, threshold: 2 });
      expect(untouched.at(-1)).toEqual(untouched[0]);
      // only the best outcome of either prompt is 0.5 ahead of any other
      const best = rewards.map((row) => row.map((reward) => (reward === 1 ? 1 : 0)));
      expect(await outcomes({ kind, threshold: 0.5 })).toEqual(await outcomes({ kind, threshold: 0.5 }, best));
      expect(await outcomes({ kind, threshold: 0.5 })).not.toEqual(await outcomes({ kind }));
    }
  });

  test('offline data drawn once is one data set: many rounds on it are one long round', async () => {
    const method = { kind: 'ipo' } as const;
    const offline = { groups: 4, n: 6, source: 'start' as const };
    const final = async (sampling: OnPolicyExperiment['sampling']) =>
      (await engine().trainOnPolicy(toy(method, { sampling }))).rounds.at(-1)?.outcomeLogps;
    const long = await final({ ...offline, rounds: 1, updates: 36 });
    expect(await final({ ...offline, rounds: 12, updates: 3, once: true })).toEqual(long);
    expect(await final({ ...offline, rounds: 12, updates: 3 })).not.toEqual(long);
  });

  test.each<[old: OnPolicyMethod, now: OnPolicyMethod]>([
    [{ kind: 'reinforce' }, { objective: { name: 'reinforce' } }],
    [{ kind: 'reinforce', baseline: 'none' }, { objective: { expression: '-reward_i * logp_i / count' } }],
    [{ kind: 'ppo', clip: 0.1 }, { objective: { name: 'ppo', params: { epsilon: 0.1 } } }],
    [{ kind: 'dpo' }, { objective: { name: 'dpo', params: { beta: 1 } }, pairs: {} }],
    [
      { kind: 'ipo', target: 4 },
      { objective: { name: 'ipo_sum', params: { beta: 0.125 } }, pairs: { threshold: 0 } },
    ],
    [
      { kind: 'ipo', target: 4, threshold: 0.3 },
      { objective: { expression: '(margin - 1 / (2 * beta))^2', params: { beta: 0.125 } }, pairs: { threshold: 0.3 } },
    ],
    [{ kind: 'best-of-n' }, { kind: 'group', objective: { name: 'best_of_n' } }],
    [{ kind: 'rwr', temperature: 0.3 }, { objective: { name: 'rwr', params: { T: 0.3 } } }],
  ])('%j is %j', async (old, now) => {
    const short = { sampling: { groups: 2, n: 4, rounds: 2, updates: 2 } };
    const [before, after] = [await engine().trainOnPolicy(toy(old, short)), await engine().trainOnPolicy(toy(now, short))];
    expect(before.rounds.at(-1)).not.toEqual(before.rounds[0]);
    expect(after.rounds).toEqual(before.rounds);
  });

  test('two samples that are judged for certain are a winner and a loser, whatever they are worth', async () => {
    const sampling = { groups: 4, n: 2, rounds: 6, updates: 1 };
    // one reward twice: an answer against itself is a tie, whose advantages are 0
    const values = [
      [0, 0.2, 1, 0.1, 0.4, 0.6],
      [0.3, 0, 0.5, 0.2, 0.7, 1],
    ];
    const judged = await engine().trainOnPolicy(
      toy({ kind: 'reinforce' }, { rewards: values, sampling, verdicts: { temperature: 1e-4, kind: 'expected' } }),
    );
    const placed = await engine().trainOnPolicy(
      toy({ objective: { expression: '-(where(place_i == 1, 1, -1) / 2) * logp_i / count' } }, { rewards: values, sampling }),
    );
    // six updates of Adam, each of a few roundoffs of the gradient it normalises
    for (const [round, { outcomeLogps }] of judged.rounds.entries())
      expectWithin(outcomeLogps, placed.rounds[round]?.outcomeLogps ?? [], () => (kind === 'cpu' ? 1e-9 : 1e-4), `round ${round}`);
    const plain = await engine().trainOnPolicy(toy({ kind: 'reinforce' }, { rewards: values, sampling }));
    expect(plain.rounds.at(-1)?.outcomeLogps).not.toEqual(judged.rounds.at(-1)?.outcomeLogps);
  });

  test('bad experiments are refused by name', async () => {
    const refused = async (more: Partial<OnPolicyExperiment>, path: string) => {
      const error = await engine()
        .trainOnPolicy(toy({ kind: 'dpo' }, more))
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ExperimentError);
      expect((error as ExperimentError).path).toBe(path);
    };
    await refused({ rewards: [[1, 2, 3]] }, 'rewards');
    await refused({ method: { kind: 'a2c' as 'dpo' } }, 'method.kind');
    await refused({ sampling: { groups: 1, n: 1, rounds: 1, updates: 1 } }, 'sampling.n');
    const sampling = { groups: 1, n: 2, rounds: 1, updates: 1 };
    await refused({ sampling: { ...sampling, sampler: [[1, 2, 3]] } }, 'sampling.sampler');
    await refused({ sampling: { ...sampling, sampler: logits, source: 'start' } }, 'sampling.source');
    await refused({ sampling: { ...sampling, source: 'policy', once: true } }, 'sampling.once');
    await refused({ verdicts: { temperature: 0 } }, 'verdicts.temperature');
    await refused({ verdicts: { temperature: 1, kind: 'guessed' as 'drawn' } }, 'verdicts.kind');
    await refused({ method: { kind: 'reinforce' }, verdicts: { temperature: 1 }, sampling: { ...sampling, n: 1 } }, 'sampling.n');
    await refused({ method: { kind: 'dpo', threshold: Number.NaN } }, 'method.threshold');
    await refused({ method: { kind: 'ipo', target: 0 } }, 'method.target');
    await refused({ method: { objective: { name: 'dpo' }, pairs: { threshold: Number.NaN } } }, 'method.pairs.threshold');
    await refused({ method: {} as OnPolicyMethod }, 'method.objective');
    await refused({ method: { objective: { name: 'dpo' } }, optimizer: { kind: 'normalised-pair', learningRate: 1 } }, 'optimizer.kind');
    await refused({ policy: { kind: 'bigram', prompts: 1, vocab: 1, table: [[0], [0]] } }, 'policy.kind');
    await refused({ optimizer: { kind: 'adam', learningRate: -1 } }, 'optimizer.learningRate');
  });
});

describeEngines('staged runs', (engine) => {
  const sft: Experiment = {
    policy: { kind: 'tabular', logits },
    pairs: [{ prompt: 0, chosen: 2, rejected: 0 }],
    objective: { name: 'sft' },
    optimizer: { kind: 'adam', learningRate: 0.1, steps: 6 },
    record: [0, 3, 6, 9, 11],
  };
  const dpo = { objective: { name: 'dpo', params: { beta: 0.4 } }, optimizer: { kind: 'sgd', learningRate: 0.3, steps: 5 } } as const;

  test('SFT and then DPO are two runs, the second from the parameters and with the reference that the first leaves', async () => {
    const staged = await engine().train({ ...sft, stages: [dpo] });
    expect(staged.steps.map(({ step }) => step)).toEqual([0, 3, 6, 9, 11]);
    const first = await engine().train({ ...sft, record: [0, 3, 6] });
    const table = [...(first.final['logits'] ?? [])];
    const second = await engine().train({
      ...sft,
      ...dpo,
      policy: { kind: 'tabular', logits: [table.slice(0, 6), table.slice(6)] },
      record: [0, 3, 5],
    });
    expect(staged.final).toEqual(second.final);
    expect(staged.steps[2]?.loss).toBe(second.steps[0]?.loss); // log 2: the reference is the policy
    expect(staged.steps[0]).toEqual(first.steps[0]);
    const kept = await engine().train({ ...sft, stages: [{ ...dpo, reference: 'run start' }] });
    expect(kept.steps[2]?.loss).not.toBe(second.steps[0]?.loss);
  });

  test('steps beyond the last stage are refused', async () => {
    await expect(engine().train({ ...sft, record: [12], stages: [dpo] })).rejects.toBeInstanceOf(ExperimentError);
  });
});
