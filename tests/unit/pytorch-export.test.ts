import { beforeAll, describe, expect, test } from 'vitest';
import { defaultSettings, noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { defaultSuffix, sharedSuffix } from '../../src/atlas/toys/entanglement/shared-suffix.ts';
import type { Experiment, ObjectiveChoice, OptimizerChoice } from '../../src/index.ts';
import { objectives, openEngine } from '../../src/index.ts';
import { samplePoints } from '../../src/objectives/check/sample-points.ts';
import { compileObjective } from '../../src/objectives/compile.ts';
import type { PairInput } from '../../src/objectives/inputs.ts';
import { expandChoice } from '../../src/objectives/resolve.ts';
import { objectivePython } from '../../src/objectives/text/python.ts';
import { pytorchScript, type ScriptOptions } from '../../src/shell/exports/export-pytorch.ts';
import { trajectoryColumns, trajectoryTable } from '../../src/shell/exports/export-table.ts';
import golden from '../golden/trajectories.json';
import { expectWithin } from '../gpu/tolerance.ts';
import { toyPolicies } from '../gpu/toy-policies.ts';
import { findPyTorch, readCsv, runScripts } from '../shared/pytorch.ts';

const found = findPyTorch();
const python = 'python' in found ? found.python : null;
/** Says why in the report where the exported code cannot be run. */
const name = (what: string) => ('missing' in found ? `${what}: ${found.missing}` : what);

const options: ScriptOptions = { title: 'A test', notes: [], objective: 'the objective' };

const kinked = 'min(logratio_w, -logratio_l) + max(margin, logratio_w) + relu(margin) + abs(margin)';
const typed = [
  'where(margin > 0.5 and_not, 1, 0)',
  `${kinked} - logp_w`,
  'where(beta > 1, margin, -margin) + sign(margin) * detach(margin) * logratio_w',
  '-log1mexp(min(logp_l, -1e-6)) - tanh(gamma * margin) + sqrt(1 + square(margin))',
  'where(logp_w <= logp_l, 0, 1) + expm1(min(margin, 1)) + softplus(beta) + sigmoid(beta) * log(lambda + 1) - logp_w ^ 2 * 2 ^ -logp_w * 1e-7',
].slice(1);

interface Case {
  readonly title: string;
  readonly choice: ObjectiveChoice;
}
const cases: readonly Case[] = [
  ...objectives.map(({ id }): Case => ({ title: id, choice: { name: id } })),
  ...['forward_kl', 'js_divergence', 'alpha_divergence'].map(
    (fDivergence): Case => ({ title: `dpo, ${fDivergence}`, choice: { name: 'dpo', params: { fDivergence } } }),
  ),
  { title: 'dpo, weighted', choice: { name: 'dpo', params: { useWeighting: true } } },
  {
    title: 'mixture',
    choice: {
      mix: [
        { objective: { name: 'ipo' }, weight: 0.5 },
        { objective: { name: 'dpo_shift', params: { lambda: 0.3 } }, weight: 2 },
      ],
    },
  },
  ...typed.map((expression): Case => ({ title: expression, choice: { expression } })),
];

/** Columns of pairs for a loss: ordinary and extreme ones, at which every engine computes, too. */
function pairsFor({ choice }: Case) {
  const { loss, values, ldAlpha } = expandChoice(choice);
  const compiled = compileObjective(loss, values, ldAlpha);
  const code = objectivePython(loss, values, ['A loss.']);
  const points = samplePoints(
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { default: value, min: value, max: value }])),
    values,
  );
  const at = (point: (typeof points)[number], input: string) => point[input] ?? Number.NaN;
  const expected = points.map((point) =>
    compiled.evaluate(
      at(point, 'logp_w'),
      at(point, 'logp_l'),
      compiled.inputs.map((input) => at(point, input)),
    ),
  );
  return { code, points, expected, at };
}

const all = cases.map((one) => ({ ...one, ...pairsFor(one) }));

describe('objectives as PyTorch', () => {
  // The language of the printed lines is so small that JavaScript reads it, given functions of the same names: this runs everywhere.
  const reading = {
    torch: {
      exp: Math.exp,
      expm1: Math.expm1,
      log: Math.log,
      log1p: Math.log1p,
      tanh: Math.tanh,
      sqrt: Math.sqrt,
      abs: Math.abs,
      sign: Math.sign,
      sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
      tensor: (x: unknown) => x,
      where: (condition: boolean, a: number, b: number) => (condition ? a : b),
      clamp: (x: number, { min = -Infinity, max = Infinity }: { min?: number; max?: number }) => Math.min(max, Math.max(min, x)),
    },
    F: { logsigmoid: (x: number) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))), relu: (x: number) => Math.max(x, 0) },
    math: Math,
    log1mexp: (x: number) => (x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x))),
    abs: Math.abs,
    float: Number,
    min: Math.min,
    max: Math.max,
  };
  function readAsJavaScript(lines: readonly string[], inputs: readonly PairInput[]): (...values: number[]) => number {
    const head = lines.find((line) => line.startsWith('def loss_of')) ?? '';
    const body = lines.slice(lines.indexOf(head) + 2).map((line) =>
      line
        .trim()
        .replaceAll('.detach()', '')
        .replaceAll(/\b(min|max)=([^()]*(?:\([^()]*\))?[^()]*)\)/g, '{ $1: $2 })'),
    );
    const parameters = [...head.matchAll(/(\w+)=([^,)]+)/g)].map(([, name, value]) => `const ${name} = ${value};`);
    const statements = body.map((line) => (line.startsWith('return') ? line : `const ${line}`));
    const made = new Function(...Object.keys(reading), ...inputs, [...parameters, ...statements].join('\n')) as (
      ...values: unknown[]
    ) => number;
    return (...values) => made(...Object.values(reading), ...values);
  }

  test.each(all)('$title: the printed lines mean the loss', ({ code, points, expected, at }) => {
    const compute = readAsJavaScript(code.lines, code.inputs);
    const values = points.map((point) => compute(...code.inputs.map((input) => at(point, input))));
    // the same operations in the same order, up to σ and softplus in another form
    expectWithin(
      values,
      expected.map(({ loss }) => loss),
      (i) => 1e-13 * (1 + Math.abs(expected[i]?.loss ?? 0)),
    );
  });

  test('no Python word is the name of a parameter, and no parameter that of an input', () => {
    const { loss, values } = expandChoice({
      expression: 'lambda * margin + torch * F * mix0__beta + t1 * labelSmoothing * label_smoothing + is',
    });
    const { lines } = objectivePython(loss, values, ['A loss.']);
    const [, head = ''] = /def loss_of\((.*)\):/.exec(lines.join('\n')) ?? [];
    const names = head.split(', ').map((argument) => argument.split('=')[0]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(['lambda_', 'torch_', 'F_', 'mix0_beta', 't1', 'label_smoothing', 'label_smoothing_', 'is_']),
    );
  });

  describe.skipIf(python === null)(name('run by PyTorch'), () => {
    let computed: { loss: number[]; byChosen: number[]; byRejected: number[] }[] = [];
    beforeAll(() => {
      const scripts = all.map(({ code, points, at }) =>
        [
          'import json, math',
          'import torch',
          'import torch.nn.functional as F',
          'torch.set_default_dtype(torch.float64)',
          ...code.lines,
          `inputs = [torch.tensor(column) for column in ${JSON.stringify(code.inputs.map((input) => points.map((point) => at(point, input) + 0)))}]`,
          'inputs = [column * 1.0 for column in inputs]',
          'for column in inputs[:2]: column.requires_grad_()',
          'loss = loss_of(*inputs)',
          'by = torch.autograd.grad(loss.sum(), inputs[:2], allow_unused=True)',
          'by = [torch.zeros_like(loss) if g is None else g for g in by]',
          'print(json.dumps([[repr(value).replace("inf", "Infinity") for value in x.tolist()] for x in (loss, *by)]))',
        ].join('\n'),
      );
      computed = runScripts(python ?? '', scripts).map((written) => {
        const [loss = [], byChosen = [], byRejected = []] = (JSON.parse(written) as string[][]).map((values) => values.map(Number));
        return { loss, byChosen, byRejected };
      });
    }, 300_000);

    test.each(all.map((one, index) => ({ ...one, index })))('$title: value and autograd', ({ expected, index, points, at }) => {
      const got = computed[index] ?? { loss: [], byChosen: [], byRejected: [] };
      // Autograd multiplies derivatives where the engine's are simplified, so both round a few terms of the size of the inputs.
      const scale = (i: number) => 1 + Math.abs(at(points[i] ?? {}, 'logp_w')) + Math.abs(at(points[i] ?? {}, 'logp_l'));
      for (const key of ['loss', 'byChosen', 'byRejected'] as const)
        expectWithin(
          got[key],
          expected.map((value) => value[key]),
          (i) => 1e-14 * scale(i) * (1 + Math.abs(expected[i]?.[key] ?? 0)),
          key,
        );
    });
  });
});

interface Run {
  readonly title: string;
  readonly experiment: Experiment;
  readonly options?: Partial<ScriptOptions>;
}

const every = (steps: number) => Array.from({ length: steps + 1 }, (_, step) => step);
const train = (kind: OptimizerChoice['kind'], more: Partial<OptimizerChoice> = {}): OptimizerChoice => ({
  kind,
  learningRate: 0.05,
  steps: 12,
  ...more,
});
const dpo: ObjectiveChoice = { name: 'dpo', params: { beta: 0.5 } };

const optimizerChoices: readonly OptimizerChoice[] = [
  train('sgd', { learningRate: 0.4 }),
  train('sgd', { weightDecay: 0.3 }),
  train('momentum', { momentum: 0.8, weightDecay: 0.1 }),
  train('momentum', { momentum: 0 }),
  train('nesterov', { momentum: 0.7 }),
  train('adam', { beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.2 }),
  train('adam'),
  train('normalised-pair', { weightDecay: 0.1 }),
];

/** Every policy under every optimiser, and each other thing that a script writes once. */
const runs: readonly Run[] = [
  ...Object.entries(toyPolicies).flatMap(([policy, toy]) =>
    optimizerChoices.map(
      (optimizer, index): Run => ({
        title: `${policy}, ${optimizer.kind} ${index}`,
        experiment: { ...toy, objective: dpo, optimizer, record: every(optimizer.steps) },
      }),
    ),
  ),
  ...['aot', 'aot_unpaired', 'kto', 'bco', 'simpo', 'sft', 'rebel', 'inpo', 'unlikelihood', 'orpo'].map(
    (id): Run => ({
      title: id,
      experiment: {
        policy: toyPolicies['bigram']?.policy ?? { kind: 'tabular', logits: [[0]] },
        pairs: (toyPolicies['bigram']?.pairs ?? []).map((pair) => ({ ...pair, rewards: [2, 0.5], label: 0.8 })),
        objective: { name: id },
        optimizer: train('sgd', { learningRate: 0.2 }),
      },
    }),
  ),
  ...['sgd', 'normalised-pair'].map(
    (kind): Run => ({
      title: `LD-DPO and WPO, ${kind}`,
      experiment: {
        ...(toyPolicies['sequence, factorised'] as Experiment),
        objective: { name: 'dpo', params: { ldAlpha: 0.4, useWeighting: true } },
        optimizer: train(kind as OptimizerChoice['kind']),
      },
    }),
  ),
  ...['sgd', 'normalised-pair'].map(
    (kind): Run => ({
      title: `mini-batches, ${kind}`,
      experiment: {
        ...(toyPolicies['tabular'] as Experiment),
        objective: dpo,
        optimizer: train(kind as OptimizerChoice['kind'], { batchSize: 2, steps: 7 }),
        seed: 5,
      },
    }),
  ),
  {
    title: 'generated pairs, noise',
    experiment: {
      policy: { kind: 'tabular', logits: [[0, 0.5, 1, 0.2]], noise: 0.3 },
      pairs: [],
      data: { kind: 'ranking', rewards: [[0, 1, 2, 3]], count: 6, k: 3 },
      objective: { name: 'ipo' },
      optimizer: train('adam'),
      seed: 3,
    },
  },
  ...[
    { name: 'grpo', params: { beta: 0.1 } },
    { name: 'nca_list' },
    { name: 'dpo' },
    { expression: '-reward_i * logp_i / count + lse_from(gamma * (logp_j - ref_j))', params: { gamma: 0.3 } },
  ].map(
    (objective): Run => ({
      title: `groups of two, ${objective.name ?? 'a typed line'}`,
      experiment: {
        policy: { kind: 'tabular', logits: [[0, 0.5, 1, 0.2]] },
        pairs: [],
        groups: [
          { prompt: 0, responses: [2, 0], rewards: [0.3, 1.5] },
          { prompt: 0, responses: [3, 1], rewards: [1, 0], weight: 0.5 },
        ],
        objective: objective as ObjectiveChoice,
        optimizer: train('sgd', { batchSize: 1 }),
      },
    }),
  ),
  ...[
    { name: 'reinforce', params: { beta: 0.1, kl: 'k2', scaleRewards: 'batch' } },
    { name: 'rloo', params: { beta: 0.2 } },
    { name: 'grpo', params: { beta: 0.1, epsilon: 0.05 } },
    { name: 'grpo', params: { level: 'sequence', epsilon: 0.05 } },
    { name: 'dr_grpo', params: { epsilon: 0.05 } },
    { name: 'dapo', params: { kl: 'k1', beta: 0.1, scaleRewards: 'none' } },
    { name: 'cispo', params: { epsilonHigh: 1.05 } },
    { name: 'plackett_luce', params: { beta: 0.5 } },
    { name: 'rrhf' },
    { name: 'dpo' },
    { expression: 'sum_t(tanh(logp_t) * logp_i) / len_i + gamma * lse_from(logp_j - ref_j)', params: { gamma: 0.3 } },
  ].map(
    (objective): Run => ({
      title: `groups of many sizes, token by token, ${JSON.stringify(objective)}`,
      experiment: {
        ...(toyPolicies['bigram'] as Experiment),
        pairs: [],
        groups: [
          { prompt: 0, responses: [[0, 1], [2], [1, 1, 0], [2, 0]], rewards: [0.2, 1.5, -1, 0.4] },
          { prompt: 1, responses: [[1, 1, 2], [0]], rewards: [1, 0], weight: 0.5 },
          { prompt: 1, responses: [[2, 0], [0], [2, 2, 1]], rewards: [0.3, 0.3, -0.2] },
        ],
        objective: objective as ObjectiveChoice,
        optimizer: train('sgd', { batchSize: 2 }),
        seed: 2,
      },
    }),
  ),
  ...(
    [
      ['dpo', { name: 'dpo', params: { beta: 0.5 } }],
      ['kto', { name: 'kto' }],
      ['aot', { name: 'aot' }],
      ['bco', { name: 'bco' }],
      ['inpo, which reads the previous iterate', { name: 'inpo' }],
      ['LD-DPO', { name: 'dpo', params: { ldAlpha: 0.4 } }],
    ] as const
  ).flatMap(([title, objective]): Run[] => {
    const { policy, pairs } = toyPolicies['bigram'] as Experiment;
    const base: Experiment = { policy, pairs, objective, optimizer: train('sgd', { learningRate: 0.3 }), record: every(12) };
    const reference =
      policy.kind === 'bigram' ? { ...policy, table: policy.table.map((row) => row.map((x, i) => 0.5 * x + 0.1 * i)) } : policy;
    return [
      { title: `${title}, a reference that moves softly`, experiment: { ...base, syncReference: { refModelSyncSteps: 3 } } },
      {
        title: `${title}, a reference that moves hard, and begins elsewhere`,
        experiment: { ...base, reference, syncReference: { refModelSyncSteps: 5, refModelMixupAlpha: 1 } },
      },
      { title: `${title}, a reference of its own`, experiment: { ...base, reference } },
    ];
  }),
  ...[
    { name: 'grpo', params: { beta: 0.3 } },
    { name: 'plackett_luce', params: { beta: 0.5 } },
  ].map(
    (objective): Run => ({
      title: `groups, ${objective.name}, a reference that moves`,
      experiment: {
        ...(toyPolicies['bigram'] as Experiment),
        pairs: [],
        groups: [
          { prompt: 0, responses: [[0, 1], [2], [1, 1, 0], [2, 0]], rewards: [0.2, 1.5, -1, 0.4] },
          { prompt: 1, responses: [[1, 1, 2], [0]], rewards: [1, 0], weight: 0.5 },
        ],
        objective,
        optimizer: train('sgd'),
        syncReference: { refModelSyncSteps: 4, refModelMixupAlpha: 0.6 },
        record: every(12),
      },
    }),
  ),
  ...(['soft', 'hard'] as const).map(
    (how): Run => ({
      title: `the first view’s run, its reference moving: ${how}`,
      experiment: noOverNever({ ...defaultSettings, train: 'both', sync: { how, alpha: 0.6, every: 20 } }),
    }),
  ),
  { title: 'shared suffix, with geometry', experiment: sharedSuffix({ ...defaultSuffix, steps: 20 }), options: { geometry: true } },
  {
    title: 'means over pairs',
    experiment: { ...(toyPolicies['bigram'] as Experiment), objective: dpo, optimizer: train('sgd') },
    options: { detail: 'means' },
  },
];

interface GoldenRun {
  experiment: Experiment;
  trajectory: { step: number; loss: number; chosenLogps: number[]; rejectedLogps: number[]; probs?: number[] }[];
}
const goldenRuns = (golden.runs as unknown as GoldenRun[]).map((run, index) => ({
  title: `${index}: ${run.experiment.policy.kind}, ${run.experiment.optimizer.kind}`,
  ...run,
}));

describe.skipIf(python === null)(name('scripts run by PyTorch'), () => {
  let written: { columns: string[]; rows: number[][] }[] = [];
  beforeAll(() => {
    const scripts = [
      ...runs.map(({ experiment, options: more }) => pytorchScript(experiment, { ...options, ...more })),
      ...goldenRuns.map(({ experiment }) => pytorchScript(experiment, options)),
    ];
    written = runScripts(python ?? '', scripts).map(readCsv);
  }, 300_000);

  // Both compute in float64; sums and the optimiser's factors are in another order, so a parameter is off by a few roundoffs an update.
  const drift = (step: number) => 4e-14 * (step + 2);

  test.each(runs.map((run, index) => ({ ...run, index })))(
    '$title: the trajectory of the CPU engine',
    async ({ experiment, options: more, index }) => {
      const engine = await openEngine({ backend: 'cpu' });
      const { steps } = await engine.train(experiment);
      const { columns, rows } = written[index] ?? { columns: [], rows: [] };
      const [start] = steps;
      if (!start) throw new Error('No start was recorded.');
      const outcomes = start.outcomeLogps?.map(String) ?? [];
      const layout = { pairs: start.chosenLogps.length, outcomes, detail: 'pairs', geometry: false, ...more } as const;
      expect(columns.length).toBe(trajectoryColumns(layout).length);
      expect(rows.map(([step]) => step)).toEqual(steps.map(({ step }) => step));
      if (more?.detail === 'means') {
        const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
        for (const [row, state] of steps.entries()) {
          const changes = state.chosenLogps.map((logp, pair) => logp - (start.chosenLogps[pair] ?? 0));
          const fallen = changes.filter((change) => change < 0).length;
          expectWithin(
            rows[row] ?? [],
            [state.step, state.loss, mean(state.chosenLogps), mean(state.rejectedLogps), fallen, ...changes],
            () => drift(state.step),
          );
        }
        return;
      }
      const table = trajectoryTable(layout, start, steps);
      for (const [row, expected] of table.rows.entries()) {
        const got = rows[row] ?? [];
        expectWithin(got.slice(0, expected.length), expected as number[], () => drift(steps[row]?.step ?? 0), `row ${row}`);
      }
      if (!more?.geometry) return;
      const [diagnosis] = await engine.diagnose(experiment);
      const { chosenGradNormSq, rejectedGradNormSq, innerProduct, cosine } = diagnosis ?? {};
      expectWithin(
        rows[0]?.slice(-4) ?? [],
        [chosenGradNormSq, rejectedGradNormSq, innerProduct, cosine] as number[],
        () => 1e-13,
        'geometry',
      );
    },
  );

  test.each(goldenRuns.map((run, index) => ({ ...run, index })))('golden $title', ({ trajectory, index }) => {
    const { columns, rows } = written[runs.length + index] ?? { columns: [], rows: [] };
    const of = (prefix: string, row: number) => (rows[row] ?? []).filter((_, column) => columns[column]?.startsWith(prefix));
    expect(rows.map(([step]) => step)).toEqual(trajectory.map(({ step }) => step));
    for (const [row, { step, loss, chosenLogps, rejectedLogps, probs }] of trajectory.entries()) {
      const bound = () => drift(step);
      expectWithin(of('loss', row), [loss], bound, `step ${step}: loss`);
      expectWithin(of('chosen_logp', row), chosenLogps, bound, `step ${step}: chosen`);
      expectWithin(of('rejected_logp', row), rejectedLogps, bound, `step ${step}: rejected`);
      // golden probabilities are rounded to ten digits
      if (probs) expectWithin(of('p_', row), probs, () => drift(step) + 1e-10, `step ${step}: probabilities`);
    }
  });
});

describe('scripts', () => {
  const toy = toyPolicies['tabular'] as Experiment;
  const experiment: Experiment = { ...toy, objective: dpo, optimizer: train('sgd') };

  test.each(runs)('$title: brackets close, quotes match', ({ experiment: run, options: more }) => {
    const script = pytorchScript(run, { ...options, ...more });
    for (const [open, close] of ['()', '[]', '{}']) expect(script.split(open ?? '').length).toBe(script.split(close ?? '').length);
    expect(script.split('"""').length % 2).toBe(1);
    expect(script).not.toMatch(/undefined|NaN|Infinity|null|\[object/);
  });

  test('what it says of itself cannot end its docstring', () => {
    const script = pytorchScript(experiment, { title: 'a """ b', notes: ['c \\', 'd\n"""\nimport os'], objective: 'e """' });
    expect(script.slice(3, script.indexOf('"""', 3))).toContain('import os');
    expect(script.split('"""').length % 2).toBe(1);
  });

  test('what it does not write is refused by name', () => {
    const unrated = { ...experiment, pairs: [], groups: [{ prompt: 0, responses: [0, 1, 2] }], objective: { name: 'grpo' } };
    expect(() => pytorchScript(unrated, options)).toThrow(/groups\[0\]\.rewards/);
    expect(() => pytorchScript({ ...experiment, stages: [{}] }, options)).toThrow(/stages/);
    expect(() => pytorchScript({ ...experiment, optimizer: train('sgd', { batchSize: 2, steps: 1_000_000 }) }, options)).toThrow(
      /fewer steps/,
    );
    expect(() => pytorchScript({ ...experiment, objective: { name: 'odpo' } }, options)).toThrow(/rewards/);
  });
});
