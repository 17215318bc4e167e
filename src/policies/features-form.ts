import type { Backend, FeaturesGradientTask, Storage } from '../backend/backend.ts';
import type { FusedForm, LogitsBatch, OpenPasses, ParameterTensor, PolicyDefinition, StoredTensor } from './policy.ts';

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
  const products = new OffsetProducts(backend, shape.columns);
  const both = { hidden: hidden.storage, unembedding: unembedding.storage };
  return {
    logits: ({ offsets, ...batch }) => {
      const logits = offsets ? products.of(batch.rows).values : batch.logits;
      backend.featuresLogits({ ...shape, ...batch, ...both, logits });
      if (offsets) products.addTo(offsets, batch);
    },
    backward: (task) => {
      const all = { ...task, ...shape };
      if (hidden.trained) backend.hiddenGradient({ ...all, unembedding: unembedding.storage, gradient: hidden.gradient });
      if (unembedding.trained) backend.unembeddingGradient({ ...all, hidden: hidden.storage, gradient: unembedding.gradient });
    },
    normalisedSlopes: (task) =>
      backend.normalisedSlopes({
        ...{ ...shape, ...task, ...both },
        ...{ hiddenTrained: hidden.trained, unembeddingTrained: unembedding.trained },
      }),
    dispose: () => products.dispose(),
  };
}

/** Products that frozen offsets are added to: a table that each position reads at its own place, under a table of offsets. */
export class OffsetProducts {
  readonly #backend: Backend;
  readonly #columns: number;
  readonly #ofRows = new Map<number, { values: Storage; places: Storage }>();

  constructor(backend: Backend, columns: number) {
    this.#backend = backend;
    this.#columns = columns;
  }

  of(rows: number): { values: Storage; places: Storage } {
    let held = this.#ofRows.get(rows);
    if (!held) {
      const places = this.#backend.upload(Uint32Array.from({ length: rows }, (_, row) => row));
      held = { values: this.#backend.allocate('float', rows * this.#columns), places };
      this.#ofRows.set(rows, held);
    }
    return held;
  }

  addTo({ table, rows: contexts }: NonNullable<LogitsBatch['offsets']>, { rows, logits }: Omit<LogitsBatch, 'offsets'>): void {
    const { values, places } = this.of(rows);
    this.#backend.tableLogits({ rows, columns: this.#columns, table, contexts, offsets: { table: values, rows: places }, logits });
  }

  dispose(): void {
    for (const { values, places } of this.#ofRows.values()) {
      values.dispose();
      places.dispose();
    }
  }
}
