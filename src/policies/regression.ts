import type { Backend } from '../backend/backend.ts';
import { assertFinite, assertList, assertMatrix } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { RegressionPolicy } from '../core/experiment.ts';
import { matrix } from '../core/python-literals.ts';
import { OffsetProducts } from './offset-products.ts';
import type { OpenPasses, PolicyKind, StoredTensor } from './policy.ts';
import { tokenLists } from './token-lists.ts';

/**
 * Whole numbers nearest 0, in the order of their size: 0, 1, -1, 2, ... As long as a mean lies well between their ends, the normal law at
 * whole steps sums up to the same wherever it stands, to 2 e^{-2π²} of itself (Poisson's summation), so a softmax over -(v - μ)² / 2 is
 * the density of a normal law.
 */
const columns = 17;
const valueIn = (column: number): number => (column % 2 === 1 ? (column + 1) / 2 : -column / 2 + 0);
const columnValues = Array.from({ length: columns }, (_, column) => valueIn(column));

/** Responses to each prompt; all prompts have as many. */
const responsesOf = ({ targets }: RegressionPolicy): number => targets[0]?.length ?? 0;

/**
 * What is added to a target's values so that the response's own token stands at it: response j has token j. Values of a context are then
 * valueIn(c) + shift.
 */
const shiftsOf = ({ targets }: RegressionPolicy): number[] => targets.flatMap((row) => row.map((target, j) => target - valueIn(j)));

/** [contexts, weights] features of all responses. */
function featuresOf({ inputs, weights }: RegressionPolicy): Float64Array {
  const rows = inputs.flat();
  const features = new Float64Array(rows.length * weights.length);
  for (const [context, row] of rows.entries()) features.set(row, context * weights.length);
  return features;
}

/** A number for each response, which is told by its features, with a normal error. */
export const regressionKind: PolicyKind<RegressionPolicy> = {
  validate: ({ inputs, targets, weights }) => {
    assertList('policy.targets', targets);
    const [prompts, responses] = assertMatrix('policy.targets', targets);
    if (responses > columns)
      throw new ExperimentError('policy.targets', `has rows of ${responses} responses, but takes ${columns} at most; split the prompts.`);
    assertList('policy.weights', weights);
    for (const [k, weight] of weights.entries()) assertFinite(`policy.weights[${k}]`, weight);
    assertList('policy.inputs', inputs);
    if (inputs.length !== prompts)
      throw new ExperimentError('policy.inputs', `has ${inputs.length} entries for ${prompts} rows of targets; give one for each.`);
    for (const [prompt, rows] of inputs.entries()) {
      const path = `policy.inputs[${prompt}]`;
      assertList(path, rows);
      const [count, width] = assertMatrix(path, rows);
      if (count !== responses || width !== weights.length)
        throw new ExperimentError(path, `is [${count}, ${width}], but must be [responses, weights] = [${responses}, ${weights.length}].`);
    }
    return tokenLists(prompts, responses, (path, _prompt, tokens) => {
      if (tokens.length !== 1) throw new ExperimentError(path, `must be one response, as in [0], not ${tokens.length} of them.`);
    });
  },
  define: (policy) => {
    const { targets, weights } = policy;
    const responses = responsesOf(policy);
    const contexts = targets.length * responses;
    let offsets: Float64Array | null = null;
    const offsetRows = () => {
      const ofResponses = shiftsOf(policy).flatMap((shift) => columnValues.map((value) => -((value + shift) ** 2) / 2));
      return Float64Array.from([...new Array<number>(columns).fill(0), ...ofResponses]);
    };
    return {
      prompts: targets.length,
      columns,
      contexts,
      response: 'tokens',
      parameters: [{ name: 'weights', values: Float64Array.from(weights), width: weights.length, trained: true }],
      hidden: null,
      // runs side by side do without
      get offsets() {
        offsets ??= offsetRows();
        return offsets;
      },
      fused: null,
      regression: {
        key: JSON.stringify(['regression', contexts, weights.length]),
        values: columnValues,
        features: () => featuresOf(policy),
        shifts: () => Float64Array.from(shiftsOf(policy)),
      },
      positions: (prompt, response) =>
        response.map((token) => {
          const context = prompt * responses + token;
          return { context, token, offset: 1 + context };
        }),
      passes: (backend) => openPasses(backend, contexts, featuresOf(policy)),
    };
  },
  python: (policy) => ({
    words: 'log π of a response is the log-density of its number under a normal law of deviation 1 whose mean is linear in its features',
    lines: [
      '# features of each response',
      `INPUTS = torch.tensor(${matrix(featuresOf(policy), policy.weights.length)})`,
      '# numbers that a softmax compares with the mean; the response with index j has its own number in column j',
      `VALUES = torch.tensor(${matrix(Float64Array.from(columnValues), columns)})`,
      `SHIFTS = torch.tensor(${matrix(Float64Array.from(shiftsOf(policy)), 1)})`,
    ],
    logits: '(INPUTS @ WEIGHTS.T) * VALUES - (VALUES + SHIFTS) ** 2 / 2',
    context: `prompt * ${responsesOf(policy)} + response[t]`,
  }),
};

/** Means [contexts] by the features, then logits v μ - (v + shift)² / 2: two products of the kernels for hidden vectors. */
async function openPasses(backend: Backend, contexts: number, features: Float64Array): Promise<OpenPasses> {
  return (tensors) => {
    const [weights] = tensors as readonly [StoredTensor];
    const dimensions = features.length / contexts;
    const inputs = backend.upload(features);
    const values = backend.upload(Float64Array.from(columnValues));
    const means = backend.allocate('float', contexts);
    const meansGradient = backend.allocate('float', contexts);
    const itself = backend.upload(Uint32Array.from({ length: contexts + 1 }, (_, context) => context));
    const sharing = contexts; // there is one policy
    const nothing = backend.allocate('float', 1);
    const products = new OffsetProducts(backend, columns);
    return {
      logits: ({ offsets, ...batch }) => {
        backend.featuresLogits({
          ...{
            rows: contexts,
            columns: 1,
            dimensions,
            sharing,
            hidden: inputs,
            unembedding: weights.storage,
            contexts: itself,
            logits: means,
          },
        });
        const logits = offsets ? products.of(batch.rows).values : batch.logits;
        backend.featuresLogits({ ...batch, columns, dimensions: 1, sharing, hidden: means, unembedding: values, logits });
        if (offsets) products.addTo(offsets, batch);
      },
      backward: (task) => {
        backend.hiddenGradient({ ...task, columns, dimensions: 1, contexts, sharing, unembedding: values, gradient: meansGradient });
        backend.unembeddingGradient({
          ...{ columns: 1, dimensions, contexts, sharing, hidden: inputs, gradient: weights.gradient },
          ...{ chosenRows: contexts, chosenGradient: meansGradient, rejectedGradient: nothing },
          members: { offsets: itself, rows: itself },
        });
      },
      normalisedSlopes: (kernels, { residuals, ...task }) => {
        const { values: byMeans, places } = products.of(task.sequences * task.positions);
        const rows = task.sequences * task.positions;
        const pulled = { rows, sharing: rows, columns: 1, dimensions: columns, hidden: residuals, unembedding: values };
        backend.featuresLogits({ ...pulled, contexts: places, logits: byMeans });
        kernels.normalisedSlopes({
          ...{ ...task, residuals: byMeans, columns: 1, dimensions, hidden: inputs, unembedding: weights.storage },
          ...{ hiddenTrained: false, unembeddingTrained: true },
        });
      },
      dispose: () => {
        products.dispose();
        for (const storage of [inputs, values, means, meansGradient, itself, nothing]) storage.dispose();
      },
    };
  };
}
