import type { Storage } from '../backend/backend.ts';
import { DisposedError, IndexError, ShapeError } from '../core/errors.ts';
import type { PairConstant } from '../objectives/inputs.ts';
import { EngineTensor, type Tensor } from './tensor.ts';

export interface SequenceBatch {
  /** [B, T, V]; position t predicts tokens[., t] */
  logits: Tensor;
  /** [B, T] u32 */
  tokens: Tensor;
  /** [B, T] u32, 1 = counted; default all ones */
  mask?: Tensor;
}

export interface PreferenceBatch {
  chosen: SequenceBatch;
  rejected: SequenceBatch;
  /** [B] log π_ref(y_w); ignored by reference-free objectives */
  refChosenLogps: Float32Array;
  /** [B] log π_ref(y_l) */
  refRejectedLogps: Float32Array;
  /** [B] factor of each pair's loss in the mean; default 1 */
  weights?: Float32Array;
  /** [B] log-probs under the previous iterate, for objectives that read them */
  prevChosenLogps?: Float32Array;
  prevRejectedLogps?: Float32Array;
  /** [B] rewards of the responses, for objectives that read them */
  chosenRewards?: Float32Array;
  rejectedRewards?: Float32Array;
  /** [B] probability that the chosen response is the better one, for objectives with soft labels */
  labels?: Float32Array;
}

/** What a batch may add to its log-probs, by the name that an objective reads. */
export const optionalColumns = {
  weight: 'weights',
  prev_w: 'prevChosenLogps',
  prev_l: 'prevRejectedLogps',
  reward_w: 'chosenRewards',
  reward_l: 'rejectedRewards',
  label: 'labels',
} as const satisfies Partial<Record<PairConstant, keyof PreferenceBatch>>;

/** The field of a batch that holds an optional column. */
export const batchField = (name: PairConstant): string => `'${(optionalColumns as Partial<Record<PairConstant, string>>)[name] ?? name}'`;

const shapeOf = (tensor: Tensor): string => `[${tensor.shape.join(', ')}]`;

function assertTensor(owner: object, name: string, tensor: unknown, type: 'float' | 'u32'): EngineTensor {
  if (!(tensor instanceof EngineTensor)) throw new ShapeError(`${name} must be a tensor made with engine.tensor(...).`);
  if (tensor.owner !== owner) throw new DisposedError(`${name} belongs to another engine. Upload the data to this one.`);
  if (tensor.storage.type !== type)
    throw new ShapeError(`${name} must be made from a ${type === 'float' ? 'Float32Array' : 'Uint32Array'}.`);
  return tensor;
}

/** The storage and shape of a float tensor of this engine. */
export function validateLogits(owner: object, tensor: Tensor): { storage: Storage; shape: readonly number[] } {
  return assertTensor(owner, 'logits', tensor, 'float');
}

/** Checks shapes, the range of every counted token, and that the mask holds 0 and 1 only. */
export function validateSequences(owner: object, batch: SequenceBatch, name: string) {
  const logits = assertTensor(owner, `${name}.logits`, batch.logits, 'float');
  const tokens = assertTensor(owner, `${name}.tokens`, batch.tokens, 'u32');
  const mask = batch.mask === undefined ? null : assertTensor(owner, `${name}.mask`, batch.mask, 'u32');
  const [sequences = 0, positions = 0, columns = 0] = logits.shape;
  if (logits.shape.length !== 3) throw new ShapeError(`${name}.logits must be [B, T, V], not ${shapeOf(logits)}.`);
  for (const [part, tensor] of [['tokens', tokens] as const, ['mask', mask] as const]) {
    if (tensor && (tensor.shape.length !== 2 || tensor.shape[0] !== sequences || tensor.shape[1] !== positions))
      throw new ShapeError(`${name}.${part} must be [B, T] = [${sequences}, ${positions}] to fit the logits, not ${shapeOf(tensor)}.`);
  }
  const counted = mask?.hostIndices;
  for (const [row, token] of (tokens.hostIndices ?? []).entries()) {
    const isCounted = counted?.[row] ?? 1;
    const place = `[${Math.floor(row / positions)}, ${row % positions}]`;
    if (isCounted > 1) throw new IndexError(`${name}.mask${place} is ${isCounted}; a mask holds 0 (left out) and 1 (counted).`);
    if (isCounted === 1 && token >= columns)
      throw new IndexError(
        `${name}.tokens${place} is ${token}, but the logits have ${columns} columns. Use 0 to ${columns - 1}, or mask the position.`,
      );
  }
  return {
    sequences,
    positions,
    columns,
    logits: logits.storage,
    tokens: tokens.storage,
    mask: mask?.storage ?? null,
    hostMask: counted ?? null,
  };
}

/** Checks that both sides and the reference log-probs hold the same number of pairs over the same vocabulary. */
export function validatePair(owner: object, batch: PreferenceBatch): void {
  const { chosen, rejected, refChosenLogps, refRejectedLogps } = batch;
  const [a, b] = [validateSequences(owner, chosen, 'chosen'), validateSequences(owner, rejected, 'rejected')];
  if (a.sequences !== b.sequences)
    throw new ShapeError(`chosen holds ${a.sequences} sequences and rejected ${b.sequences}. Give one of each a pair.`);
  if (a.columns !== b.columns)
    throw new ShapeError(`chosen.logits have ${a.columns} columns and rejected.logits ${b.columns}. Use one vocabulary.`);
  for (const [name, logps] of [['refChosenLogps', refChosenLogps] as const, ['refRejectedLogps', refRejectedLogps] as const]) {
    if (!(logps instanceof Float32Array) || logps.length !== a.sequences)
      throw new ShapeError(`${name} must be a Float32Array with one log-prob for each of the ${a.sequences} pairs.`);
  }
  for (const name of Object.values(optionalColumns)) {
    const column = batch[name];
    if (column !== undefined && (!(column instanceof Float32Array) || column.length !== a.sequences))
      throw new ShapeError(`${name} must be a Float32Array with one number for each of the ${a.sequences} pairs.`);
  }
}
