import type { Backend, Storage } from '../backend/backend.ts';
import type { PolicyDefinition } from '../policies/policy.ts';
import type { PolicyOnBackend } from './policy-on-backend.ts';

/** The whole distribution of every context of a policy whose responses are single outcomes. */
export class OutcomeDistributions {
  /** [contexts, K] after `compute` */
  readonly logits: Storage;
  readonly logProbs: Storage;
  readonly #backend: Backend;
  readonly #contexts: Storage;
  readonly #columns: number;

  constructor(backend: Backend, { contexts, columns }: PolicyDefinition) {
    this.#backend = backend;
    this.#columns = columns;
    this.#contexts = backend.upload(Uint32Array.from({ length: contexts }, (_, context) => context));
    this.logits = backend.allocate('float', contexts * columns);
    this.logProbs = backend.allocate('float', contexts * columns);
  }

  compute(policy: PolicyOnBackend): void {
    const rows = this.#contexts.length;
    policy.logits(rows, this.#contexts, this.logits);
    this.#backend.logSoftmax({ rows, columns: this.#columns, logits: this.logits, logProbs: this.logProbs });
  }

  dispose(): void {
    for (const storage of [this.#contexts, this.logits, this.logProbs]) storage.dispose();
  }
}
