import { SvelteMap } from 'svelte/reactivity';
import { settings } from '../../atlas/behaviour/behaviour.ts';
import { defaultSettings, noOverNever } from '../../atlas/toys/no-over-never.ts';
import type { Shares } from '../../core/outcome.ts';
import { type Engine, openEngine } from '../../train/engine.ts';
import { finitePart } from '../../train/finite-step.ts';
import { type CatalogueEntry, catalogueEntries, slugOf } from './catalogue-view.ts';

/** Milliseconds of training after which the page may draw. */
const slice = 12;

/** The runs behind the small pictures: the catalogue's measured toy, trained here on the CPU engine, each at the rate it was measured at. */
export class CatalogueRuns {
  readonly #shares = new SvelteMap<string, readonly Shares[]>();
  #isAsked = false;

  /** [updates + 1][answers] probabilities; null: not trained yet, or not finite from the start */
  of(entry: CatalogueEntry): readonly Shares[] | null {
    return this.#shares.get(slugOf(entry)) ?? null;
  }

  /** Trains all of them, once, a few in each frame: those with these slugs first. */
  async train(first: readonly string[] = []): Promise<void> {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const engine = await openEngine({ backend: 'cpu' });
    try {
      let since = performance.now();
      const isFirst = (entry: CatalogueEntry): boolean => first.includes(slugOf(entry));
      for (const entry of [...catalogueEntries.filter(isFirst), ...catalogueEntries.filter((each) => !isFirst(each))]) {
        const shares = await sharesOf(engine, entry);
        if (shares.length > 1) this.#shares.set(slugOf(entry), shares);
        if (performance.now() - since < slice) continue;
        await new Promise(requestAnimationFrame);
        since = performance.now();
      }
    } finally {
      engine.dispose();
    }
  }
}

async function sharesOf(engine: Engine, { choice, measured }: CatalogueEntry): Promise<readonly Shares[]> {
  const { learningRate = defaultSettings.learningRate } = measured ?? {};
  const experiment = noOverNever({ ...defaultSettings, objective: { name: choice }, learningRate, steps: settings.updates });
  return finitePart((await engine.train(experiment)).steps).map(({ probs = [] }) => probs);
}
