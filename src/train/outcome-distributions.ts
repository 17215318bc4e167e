import type { Backend, Storage } from '../backend/backend.ts';
import type { PolicyDefinition } from '../policies/policy.ts';
import type { PolicyOnBackend } from './passes/policy-on-backend.ts';

/** The whole distribution of every context of a policy whose responses are single outcomes. */
export class OutcomeDistributions {
  /** [contexts, K] after `compute` */
  readonly logits: Storage;
  readonly logProbs: Storage;
  readonly #backend: Backend;
  readonly #contexts: Storage;
  readonly #offsets: { table: Storage; rows: Storage } | null;
  readonly #columns: number;

  constructor(backend: Backend, policy: PolicyDefinition) {
    const { contexts, columns } = policy;
    this.#backend = backend;
    this.#columns = columns;
    this.#contexts = backend.upload(Uint32Array.from({ length: contexts }, (_, context) => context));
    const rows = Uint32Array.from({ length: contexts }, (_, prompt) => policy.positions(prompt, [0])[0]?.offset ?? 0);
    const { offsets } = policy;
    this.#offsets = offsets ? { table: backend.upload(offsets), rows: backend.upload(rows) } : null;
    this.logits = backend.allocate('float', contexts * columns);
    this.logProbs = backend.allocate('float', contexts * columns);
  }

  compute(policy: PolicyOnBackend): void {
    const rows = this.#contexts.length;
    policy.logits({ rows, contexts: this.#contexts, logits: this.logits, ...(this.#offsets ? { offsets: this.#offsets } : {}) });
    this.#backend.logSoftmax({ rows, columns: this.#columns, logits: this.logits, logProbs: this.logProbs });
  }

  dispose(): void {
    for (const storage of [this.#contexts, this.logits, this.logProbs, ...Object.values(this.#offsets ?? {})]) storage.dispose();
  }
}
