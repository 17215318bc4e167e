import { type CatalogueLink, defaultCatalogue, mostCompared } from './catalogue-link.ts';

/** What the reader looks for in the catalogue, and has put side by side. */
export class CatalogueLab {
  query = $state(defaultCatalogue.query);
  #compared = $state.raw(defaultCatalogue.compared);

  get compared(): readonly string[] {
    return this.#compared;
  }
  get isFull(): boolean {
    return this.#compared.length >= mostCompared;
  }
  get link(): CatalogueLink {
    return { query: this.query, compared: this.#compared };
  }

  restore({ query, compared }: CatalogueLink): void {
    this.query = query;
    this.#compared = compared;
  }

  /** Puts an objective beside the others, or takes it away. */
  toggle(id: string): void {
    if (this.#compared.includes(id)) this.#compared = this.#compared.filter((each) => each !== id);
    else if (!this.isFull) this.#compared = [...this.#compared, id];
  }
}
