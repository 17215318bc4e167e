import type { Backend, Storage } from '../backend/backend.ts';
import type { LogitsBatch, OpenPasses } from './policy.ts';

/** Passes of products to which frozen offsets are added, from `open`, those of the products alone. */
export const withOffsets =
  (backend: Backend, columns: number, open: OpenPasses): OpenPasses =>
  (tensors) => {
    const passes = open(tensors);
    const products = new OffsetProducts(backend, columns);
    return {
      ...passes,
      logits: ({ offsets, ...batch }) => {
        passes.logits(offsets ? { ...batch, logits: products.of(batch.rows).values } : batch);
        if (offsets) products.addTo(offsets, batch);
      },
      dispose: () => {
        passes.dispose();
        products.dispose();
      },
    };
  };

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
