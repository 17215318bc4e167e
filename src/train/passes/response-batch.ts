import type { Backend, ContextMembers, Storage } from '../../backend/backend.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { type PromptedResponse, type Side, uploadBatch } from './batch.ts';
import { computeLogps, type SideStorages } from './forward-pass.ts';
import type { PolicyOnBackend } from './policy-on-backend.ts';

/** One list of responses, and what is computed of it. */
export type ResponseSide = SideStorages & { responses: Side };

/** Lists of responses on the backend, one list a side, with the storages of their forward and backward pass. */
export class ResponseBatch {
  readonly sides: readonly ResponseSide[];
  readonly members: ContextMembers;
  readonly #backend: Backend;
  readonly #offsetTable: Storage | null;
  readonly #owned: Storage[] = [];

  constructor(backend: Backend, definition: PolicyDefinition, responses: readonly (readonly PromptedResponse[])[]) {
    this.#backend = backend;
    const batch = uploadBatch(backend, definition, responses);
    this.#owned.push(...batch.uploaded);
    this.members = batch.members;
    this.#offsetTable = batch.offsetTable;
    const { columns } = definition;
    this.sides = batch.sides.map((side) => {
      const { sequences, positions, tokens, mask } = side;
      const rows = sequences * positions;
      const allocate = (length: number) => this.own(backend.allocate('float', length));
      return {
        responses: side,
        task: { sequences, positions, columns, tokens, mask, logits: allocate(rows * columns), stats: allocate(2 * rows) },
        logps: allocate(sequences),
        gradient: allocate(rows * columns),
      };
    });
  }

  /** Log-probs of all responses. */
  forward(policy: PolicyOnBackend): void {
    for (const { responses, ...side } of this.sides) {
      const { sequences, positions, contexts, offsetRows } = responses;
      const offsets = this.#offsetTable && offsetRows ? { table: this.#offsetTable, rows: offsetRows } : undefined;
      policy.logits({ rows: sequences * positions, contexts, logits: side.task.logits, ...(offsets ? { offsets } : {}) });
      computeLogps(this.#backend, side);
    }
  }

  /** Copies host data to a storage of the same length. */
  fill(target: Storage, data: Float64Array): void {
    const uploaded = this.#backend.upload(data);
    this.#backend.copy(uploaded, target, 0);
    uploaded.dispose();
  }

  /** Frees `storage` with the batch. */
  own(storage: Storage): Storage {
    this.#owned.push(storage);
    return storage;
  }

  dispose(): void {
    for (const storage of this.#owned) storage.dispose();
  }
}
