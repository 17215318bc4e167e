import type { FusedForm, ParameterTensor, PolicyDefinition, StoredTensor } from './policy.ts';
import { flatten } from './tensors.ts';

/** What policies share whose logits are the rows of one table. `structure`: what says which row and offset each position reads. */
export function tableForm(
  name: string,
  rows: readonly (readonly (number | null)[])[],
  structure: unknown,
): Pick<PolicyDefinition, 'columns' | 'contexts' | 'parameters' | 'hidden' | 'passes'> & { fused: FusedForm } {
  const contexts = rows.length;
  const columns = rows[0]?.length ?? 0;
  const table: ParameterTensor = { name, values: flatten(rows), width: columns, trained: true };
  const stacked: FusedForm['stacked'] = (policies) => (backend) => (tensors) => {
    const [{ trained, storage, gradient }] = tensors as readonly [StoredTensor];
    return {
      logits: (batch) => backend.tableLogits({ ...batch, columns, table: storage }),
      backward: (task) => backend.tableGradient({ ...task, columns, tableRows: policies * contexts, gradient }),
      normalisedSlopes: (kernels, task) =>
        kernels.normalisedSlopes({
          ...task,
          ...{ columns, dimensions: 0, hidden: storage, unembedding: storage, hiddenTrained: trained, unembeddingTrained: false },
        }),
      dispose: () => {},
    };
  };
  return {
    columns,
    contexts,
    parameters: [table],
    hidden: null,
    fused: { parameterisation: 'table', dimensions: 0, key: JSON.stringify(['table', contexts, columns, structure]), stacked },
    passes: stacked(1),
  };
}
