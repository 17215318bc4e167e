import type { Backend, FeaturesGradientTask } from '../backend/backend.ts';
import type { FusedForm, OpenPasses, ParameterTensor, PolicyDefinition, StoredTensor } from './policy.ts';

type Tensor = Omit<ParameterTensor, 'width'>;

/** What policies share whose logits are hidden vectors times an unembedding. `structure`: what says which of them a position reads. */
export function featuresForm(
  dimensions: number,
  [hidden, unembedding]: readonly [hidden: Tensor, unembedding: Tensor],
  structure: unknown,
): Pick<PolicyDefinition, 'columns' | 'contexts' | 'parameters' | 'passes'> & { fused: FusedForm } {
  const contexts = hidden.values.length / dimensions;
  const columns = unembedding.values.length / dimensions;
  const trained = [hidden.trained, unembedding.trained];
  const stacked: FusedForm['stacked'] = (policies) => (backend) => (tensors) =>
    openPasses(backend, { contexts: policies * contexts, sharing: contexts, columns, dimensions }, tensors);
  return {
    columns,
    contexts,
    parameters: [hidden, unembedding].map((tensor) => ({ ...tensor, width: dimensions })),
    fused: {
      parameterisation: 'features',
      dimensions,
      key: JSON.stringify(['features', contexts, columns, dimensions, trained, hidden.name, structure]),
      stacked,
    },
    passes: stacked(1),
  };
}

function openPasses(
  backend: Backend,
  shape: Pick<FeaturesGradientTask, 'contexts' | 'sharing' | 'columns' | 'dimensions'>,
  tensors: Parameters<OpenPasses>[0],
): ReturnType<OpenPasses> {
  const [hidden, unembedding] = tensors as readonly [StoredTensor, StoredTensor];
  const both = { hidden: hidden.storage, unembedding: unembedding.storage };
  return {
    logits: (batch) => backend.featuresLogits({ ...shape, ...batch, ...both }),
    backward: (task) => {
      const all = { ...task, ...shape };
      if (hidden.trained) backend.hiddenGradient({ ...all, unembedding: unembedding.storage, gradient: hidden.gradient });
      if (unembedding.trained) backend.unembeddingGradient({ ...all, hidden: hidden.storage, gradient: unembedding.gradient });
    },
    normalisedSlopes: (kernels, task) =>
      kernels.normalisedSlopes({
        ...{ ...shape, ...task, ...both },
        ...{ hiddenTrained: hidden.trained, unembeddingTrained: unembedding.trained },
      }),
    dispose: () => {},
  };
}
