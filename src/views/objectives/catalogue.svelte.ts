import { SvelteSet } from 'svelte/reactivity';
import type { Move } from '../../core/regime.ts';
import { type CatalogueLink, defaultCatalogue, mostCompared } from './catalogue-link.ts';
import { CatalogueRuns } from './catalogue-runs.svelte.ts';

/** What the reader looks for in the catalogue, has opened, and has put side by side. */
export class CatalogueLab {
  query = $state(defaultCatalogue.query);
  /** by `familySlug`; null: all */
  family = $state<string | null>(null);
  /** what the chosen answer does; null: anything */
  course = $state<Move | null>(null);
  /** entries whose details stand open */
  readonly opened = new SvelteSet<string>();
  readonly runs = new CatalogueRuns();
  #compared = $state.raw(defaultCatalogue.compared);

  get compared(): readonly string[] {
    return this.#compared;
  }
  get isFull(): boolean {
    return this.#compared.length >= mostCompared;
  }
  get link(): CatalogueLink {
    const { query, family, course } = this;
    const opened = [...this.opened];
    return {
      query,
      compared: this.#compared,
      ...(family === null ? {} : { family }),
      ...(course === null ? {} : { course }),
      // on paper all of them are
      ...(opened.length === 0 || opened.length > mostCompared ? {} : { opened }),
    };
  }

  restore({ query, compared, family, course, opened = [] }: CatalogueLink): void {
    this.query = query;
    this.family = family ?? null;
    this.course = course ?? null;
    this.#compared = compared;
    this.opened.clear();
    for (const slug of opened) this.opened.add(slug);
  }

  /** Shows everything again. */
  showAll(): void {
    this.query = '';
    this.family = null;
    this.course = null;
  }

  /** Puts an objective beside the others, or takes it away. */
  toggle(id: string): void {
    if (this.#compared.includes(id)) this.#compared = this.#compared.filter((each) => each !== id);
    else if (!this.isFull) this.#compared = [...this.#compared, id];
  }

  open(id: string, isOpen: boolean): void {
    if (isOpen) this.opened.add(id);
    else this.opened.delete(id);
  }
}
