import type { Backend } from '../backend/backend.ts';
import { assertMatrix, assertObject } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { MlpPolicy } from '../core/experiment.ts';
import { matrix } from '../core/python-literals.ts';
import { outcomePositions, outcomeRules } from './outcomes.ts';
import type { OpenPasses, PolicyKind, StoredTensor } from './policy.ts';
import { flatten } from './tensors.ts';

type Layer = MlpPolicy['hidden'];

/** Rows with an entry more at their ends. */
const extended = (rows: readonly (readonly number[])[], last: readonly number[]): Float64Array =>
  flatten(rows.map((row, index) => [...row, last[index] ?? Number.NaN]));

/** The inputs [prompts, d + 1], each followed by the 1 that biases are multiplied by. */
const inputsOf = ({ inputs }: MlpPolicy): Float64Array =>
  extended(
    inputs,
    inputs.map(() => 1),
  );

/** The number of a layer's units, which read `width` numbers each. */
function assertLayer(path: string, layer: Layer, width: number): number {
  assertObject(path, layer);
  const [units, columns] = assertMatrix(`${path}.weights`, layer.weights);
  if (columns !== width)
    throw new ExperimentError(
      `${path}.weights`,
      `has rows of length ${columns}, but what they read has ${width} entries; make them equal.`,
    );
  const [, biases] = assertMatrix(`${path}.bias`, [layer.bias]);
  if (biases !== units) throw new ExperimentError(`${path}.bias`, `has ${biases} entries for ${units} rows of weights; give one for each.`);
  return units;
}

/** Fixed inputs of each prompt, a hidden layer of tanh units, and a layer of logits. */
export const mlpKind: PolicyKind<MlpPolicy> = {
  validate: ({ inputs, hidden, output }) => {
    const [prompts, width] = assertMatrix('policy.inputs', inputs);
    const units = assertLayer('policy.hidden', hidden, width);
    return outcomeRules(prompts, assertLayer('policy.output', output, units));
  },
  define: (policy) => {
    const { inputs, hidden, output } = policy;
    const [contexts, width, units, columns] = [inputs.length, 1 + (inputs[0]?.length ?? 0), hidden.bias.length, output.bias.length];
    return {
      prompts: contexts,
      columns,
      contexts,
      response: 'outcome',
      parameters: [
        { name: 'hidden', values: extended(hidden.weights, hidden.bias), width, trained: true },
        { name: 'output', values: extended(output.weights, output.bias), width: units + 1, trained: true },
      ],
      hidden: null, // what its units make of a prompt is no vector that is trained
      offsets: null,
      fused: null,
      positions: outcomePositions(),
      passes: (backend) => passesOf(backend, { contexts, width, units, columns }, inputsOf(policy)),
    };
  },
  python: (policy) => ({
    words: 'a hidden layer of tanh units over fixed inputs of the prompt, and a layer of logits; biases are the last column of each',
    lines: [
      '# fixed inputs of each prompt, and the 1 that biases are multiplied by',
      `INPUTS = torch.tensor(${matrix(inputsOf(policy), 1 + (policy.inputs[0]?.length ?? 0))})`,
    ],
    logits: 'F.pad(torch.tanh(INPUTS @ HIDDEN.T), (0, 1), value=1.0) @ OUTPUT.T',
    context: 'prompt',
  }),
};

interface Shape {
  readonly contexts: number;
  /** length of an input, its 1 counted in */
  readonly width: number;
  readonly units: number;
  readonly columns: number;
}

/** The layer of logits is that of a features policy, whose hidden vectors are the results of the hidden layer and a 1. */
async function passesOf(backend: Backend, { columns, ...layer }: Shape, values: Float64Array): Promise<OpenPasses> {
  const { tanhLayer, tanhLayerGradient } = await backend.further();
  return (tensors) => {
    const [hidden, output] = tensors as readonly [StoredTensor, StoredTensor];
    const dimensions = layer.units + 1;
    const sharing = layer.contexts;
    const inputs = backend.upload(values);
    const active = backend.allocate('float', layer.contexts * dimensions);
    const activeGradient = backend.allocate('float', layer.contexts * dimensions);
    return {
      logits: (batch) => {
        tanhLayer({ ...layer, inputs, weights: hidden.storage, active });
        backend.featuresLogits({ ...batch, columns, dimensions, sharing, hidden: active, unembedding: output.storage });
      },
      backward: (task) => {
        const all = { ...task, contexts: sharing, sharing, columns, dimensions };
        backend.unembeddingGradient({ ...all, hidden: active, gradient: output.gradient });
        backend.hiddenGradient({ ...all, unembedding: output.storage, gradient: activeGradient });
        tanhLayerGradient({ ...layer, inputs, active, activeGradient, gradient: hidden.gradient });
      },
      normalisedSlopes: (kernels, { positions: _, ...task }) =>
        kernels.tanhLayerSlopes({ ...layer, ...task, columns, inputs, active, outputs: output.storage }),
      dispose: () => {
        for (const storage of [inputs, active, activeGradient]) storage.dispose();
      },
    };
  };
}
