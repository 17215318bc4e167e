import { describe, expect, test } from 'vitest';
import { type Engine, type Experiment, openEngine } from '../../src/index.ts';
import { describeEngines } from './engines.ts';

const floats = (...values: number[]) => Float32Array.from(values);
const indices = (...values: number[]) => Uint32Array.from(values);

const tabular: Experiment = {
  policy: { kind: 'tabular', logits: [[0, 1, 2]] },
  pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
  objective: { name: 'dpo', params: { beta: 0.1 } },
  optimizer: { kind: 'sgd', learningRate: 0.1, steps: 2 },
};
const bigram: Experiment = {
  ...tabular,
  policy: {
    kind: 'bigram',
    prompts: 1,
    vocab: 2,
    table: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  },
  pairs: [{ prompt: 0, chosen: [0, 1], rejected: [1] }],
};
const features: Experiment = {
  ...tabular,
  policy: {
    kind: 'features',
    hidden: [[1, 2]],
    unembedding: [
      [1, 0],
      [0, 1],
      [1, 1],
    ],
  },
};

/** An experiment with one value put in at `path`, past the type checker: what arrives from a link or a file is not typed. */
function withValue(experiment: Experiment, path: string, value: unknown): Experiment {
  const copy = structuredClone(experiment) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce<Record<string, unknown>>((node, key) => node[key] as Record<string, unknown>, copy);
  holder[last] = value;
  return copy as unknown as Experiment;
}

/** [what is wrong, the experiment, the error's name, what its message must hold: the place and the fix] */
const badExperiments: [string, Experiment, string, RegExp][] = [
  [
    'NaN learning rate',
    withValue(tabular, 'optimizer.learningRate', Number.NaN),
    'ExperimentError',
    /optimizer\.learningRate must be a finite number, not NaN/,
  ],
  ['negative learning rate', withValue(tabular, 'optimizer.learningRate', -1), 'ExperimentError', /optimizer\.learningRate/],
  ['learning rate as text', withValue(tabular, 'optimizer.learningRate', '0.1'), 'ExperimentError', /optimizer\.learningRate.*"0\.1"/],
  ['fractional steps', withValue(tabular, 'optimizer.steps', 1.5), 'ExperimentError', /optimizer\.steps must be a whole number/],
  ['unknown optimiser', withValue(tabular, 'optimizer.kind', 'lion'), 'ExperimentError', /optimizer\.kind must be one of/],
  ['no optimiser', withValue(tabular, 'optimizer', undefined), 'ExperimentError', /optimizer must be an object/],
  ['unknown objective', withValue(tabular, 'objective', { name: 'nope' }), 'ObjectiveError', /no objective 'nope'.*dpo/],
  ['unknown parameter', withValue(tabular, 'objective.params', { bta: 1 }), 'ObjectiveError', /no parameter 'bta'.*beta/],
  ['parameter NaN', withValue(tabular, 'objective.params', { beta: Number.NaN }), 'ObjectiveError', /beta must be/],
  ['objective missing', withValue(tabular, 'objective', null), 'ExperimentError', /objective must be an object/],
  [
    'outcome out of range',
    withValue(tabular, 'pairs.0.chosen', 3),
    'ExperimentError',
    /pairs\[0\]\.chosen must be a whole number from 0 to 2, not 3/,
  ],
  ['outcome as a list', withValue(tabular, 'pairs.0.chosen', [1]), 'ExperimentError', /pairs\[0\]\.chosen/],
  ['prompt out of range', withValue(tabular, 'pairs.0.prompt', 1), 'ExperimentError', /pairs\[0\]\.prompt/],
  ['token out of range', withValue(bigram, 'pairs.0.chosen', [0, 2]), 'ExperimentError', /pairs\[0\]\.chosen\[1\]/],
  ['empty response', withValue(bigram, 'pairs.0.chosen', []), 'ExperimentError', /pairs\[0\]\.chosen must be a list with at least one/],
  ['no pairs', withValue(tabular, 'pairs', []), 'ExperimentError', /pairs must be a list/],
  ['negative weight', withValue(tabular, 'pairs.0.weight', -1), 'ExperimentError', /pairs\[0\]\.weight must not be negative/],
  ['unknown policy', withValue(tabular, 'policy', { kind: 'transformer' }), 'ExperimentError', /policy\.kind must be/],
  ['NaN logit', withValue(tabular, 'policy.logits', [[0, Number.NaN, 1]]), 'ExperimentError', /policy\.logits\[0\]\[1\]/],
  ['ragged table', withValue(bigram, 'policy.table', [[0, 0], [0], [0, 0]]), 'ExperimentError', /policy\.table\[1\] has 1 entries/],
  ['table of the wrong size', withValue(bigram, 'policy.table', [[0, 0]]), 'ExperimentError', /\[prompts \+ vocab, vocab\] = \[3, 2\]/],
  ['features of unequal length', withValue(features, 'policy.hidden', [[1]]), 'ExperimentError', /make them equal/],
  ['what to train', withValue(features, 'policy.train', 'all'), 'ExperimentError', /policy\.train must be/],
  ['recorded step past the end', withValue(tabular, 'record', [3]), 'ExperimentError', /record\[0\].*0 to 2/],
  ['stages as text', withValue(tabular, 'stages', 'sft'), 'ExperimentError', /stages must be a list/],
  ['a stage as text', withValue(tabular, 'stages', ['sft']), 'ExperimentError', /stages\[0\] must be an object/],
  ['seed', withValue(tabular, 'seed', -1), 'ExperimentError', /seed/],
  ['not an experiment', null as unknown as Experiment, 'ExperimentError', /must be an object/],
];

async function rejection(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('Nothing was rejected.');
}

describeEngines('bad input', (engine) => {
  test.each(badExperiments)('train: %s', async (_, experiment, name, message) => {
    const error = await rejection(() => engine().train(experiment));
    expect(error.message).toMatch(message);
    expect(error.name).toBe(name);
  });

  test('diagnose checks as train does', async () => {
    expect((await rejection(() => engine().diagnose(withValue(tabular, 'pairs.0.chosen', 9)))).name).toBe('ExperimentError');
  });

  const batch = (e: Engine) => ({
    logits: e.tensor(floats(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), [2, 2, 3]),
    tokens: e.tensor(indices(0, 1, 2, 0), [2, 2]),
  });

  const badCalls: [string, (e: Engine) => unknown, string, RegExp][] = [
    ['shape and data disagree', (e) => e.tensor(floats(1, 2, 3), [2, 2]), 'ShapeError', /holds 4 elements, but the data has 3/],
    ['zero in a shape', (e) => e.tensor(floats(), [0]), 'ShapeError', /at least 1/],
    ['a plain list', (e) => e.tensor([1] as unknown as Float32Array, [1]), 'ShapeError', /Float32Array or a Uint32Array/],
    ['not a tensor', (e) => e.logSoftmax(floats(1) as never), 'ShapeError', /engine\.tensor/],
    ['log-softmax of indices', (e) => e.logSoftmax(e.tensor(indices(1), [1])), 'ShapeError', /Float32Array/],
    ['logits of two axes', (e) => e.sequenceLogProbs({ ...batch(e), logits: e.tensor(floats(1, 2), [1, 2]) }), 'ShapeError', /\[B, T, V\]/],
    [
      'tokens of another shape',
      (e) => e.sequenceLogProbs({ ...batch(e), tokens: e.tensor(indices(1, 2), [2, 1]) }),
      'ShapeError',
      /tokens must be \[B, T\] = \[2, 2\]/,
    ],
    [
      'tokens as floats',
      (e) => e.sequenceLogProbs({ ...batch(e), tokens: e.tensor(floats(0, 1, 2, 0), [2, 2]) }),
      'ShapeError',
      /Uint32Array/,
    ],
    [
      'token out of range',
      (e) => e.sequenceLogProbs({ ...batch(e), tokens: e.tensor(indices(0, 1, 3, 0), [2, 2]) }),
      'IndexError',
      /tokens\[1, 0\] is 3, but the logits have 3 columns/,
    ],
    [
      'mask of 2',
      (e) => e.sequenceLogProbs({ ...batch(e), mask: e.tensor(indices(1, 2, 1, 1), [2, 2]) }),
      'IndexError',
      /mask\[0, 1\] is 2/,
    ],
    [
      'references missing',
      (e) =>
        e.preferenceGradients(
          { chosen: batch(e), rejected: batch(e), refChosenLogps: floats(0), refRejectedLogps: floats(0, 0) },
          { name: 'dpo' },
        ),
      'ShapeError',
      /refChosenLogps.*2 pairs/,
    ],
    [
      'unknown objective',
      (e) =>
        e.preferenceGradients(
          { chosen: batch(e), rejected: batch(e), refChosenLogps: floats(0, 0), refRejectedLogps: floats(0, 0) },
          { name: 'xpo' },
        ),
      'ObjectiveError',
      /no objective 'xpo'/,
    ],
    [
      'disposed tensor',
      (e) => {
        const { logits } = batch(e);
        logits.dispose();
        return e.logSoftmax(logits);
      },
      'DisposedError',
      /was disposed/,
    ],
    [
      'reading a disposed tensor',
      (e) => {
        const { logits } = batch(e);
        logits.dispose();
        return logits.read();
      },
      'DisposedError',
      /was disposed/,
    ],
  ];

  test.each(badCalls)('%s', async (_, call, name, message) => {
    const error = await rejection(() => call(engine()));
    expect(error.message).toMatch(message);
    expect(error.name).toBe(name);
  });

  test('after all that the engine still computes', async () => {
    const { steps } = await engine().train(tabular);
    expect(steps.at(-1)?.loss).toBeLessThan(steps[0]?.loss ?? 0);
  });

  test('a masked token may be out of range', async () => {
    const { logits } = batch(engine());
    const side = { logits, tokens: engine().tensor(indices(0, 99, 2, 0), [2, 2]), mask: engine().tensor(indices(1, 0, 1, 1), [2, 2]) };
    expect([...(await engine().sequenceLogProbs(side).read())].every(Number.isFinite)).toBe(true);
  });
});

describe('engines apart', () => {
  test.each(['cpu', 'webgpu'] as const)('a disposed %s engine says so', async (backend) => {
    const engine = await openEngine({ backend });
    const tensor = engine.tensor(floats(1, 2), [2]);
    engine.dispose();
    engine.dispose(); // once more changes nothing
    for (const use of [
      () => engine.tensor(floats(1), [1]),
      () => tensor.read(),
      () => engine.train(tabular),
      () => engine.done(),
      () => engine.logSoftmax(tensor),
    ])
      expect((await rejection(use)).name).toBe('DisposedError');
  });

  test('a tensor of another engine is refused', async () => {
    const [a, b] = await Promise.all([openEngine({ backend: 'cpu' }), openEngine({ backend: 'webgpu' })]);
    expect((await rejection(() => b.logSoftmax(a.tensor(floats(1, 2), [2])))).message).toMatch(/another engine/);
    a.dispose();
    b.dispose();
  });

  test('a backend that does not exist', async () => {
    expect((await rejection(() => openEngine({ backend: 'cuda' as 'cpu' }))).message).toMatch(/'auto', 'webgpu' or 'cpu'/);
  });
});
