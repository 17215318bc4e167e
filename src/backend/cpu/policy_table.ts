import type { Backend } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of `policy_table_logits` in shaders/policy_table.wgsl. */
export const tableLogits: Backend['tableLogits'] = ({ rows, columns, table, contexts, offsets, logits }) => {
  const from = floats(table);
  const context = indices(contexts);
  const out = floats(logits);
  for (let row = 0; row < rows; row++) {
    const first = (context[row] as number) * columns;
    out.set(from.subarray(first, first + columns), row * columns);
    if (!offsets) continue;
    const offset = floats(offsets.table);
    const from0 = (indices(offsets.rows)[row] as number) * columns;
    for (let v = 0; v < columns; v++) out[row * columns + v] = (out[row * columns + v] as number) + (offset[from0 + v] as number);
  }
};

/** Twin of `policy_table_gradient` in shaders/policy_table.wgsl. */
export const tableGradient: Backend['tableGradient'] = ({
  tableRows,
  columns,
  chosenRows,
  chosenGradient,
  rejectedGradient,
  members,
  gradient,
}) => {
  const chosen = floats(chosenGradient);
  const rejected = floats(rejectedGradient);
  const offsets = indices(members.offsets);
  const member = indices(members.rows);
  const out = floats(gradient).fill(0);
  for (let tableRow = 0; tableRow < tableRows; tableRow++) {
    for (let i = offsets[tableRow] as number; i < (offsets[tableRow + 1] as number); i++) {
      const row = member[i] as number;
      const side = row < chosenRows ? chosen : rejected;
      const first = (row < chosenRows ? row : row - chosenRows) * columns;
      for (let v = 0; v < columns; v++) out[tableRow * columns + v] = (out[tableRow * columns + v] as number) + (side[first + v] as number);
    }
  }
};
