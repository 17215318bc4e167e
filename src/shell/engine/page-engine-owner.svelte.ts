import { SurvivingEngine } from './surviving-engine.svelte.ts';

export type EngineChoice = 'auto' | 'webgpu' | 'cpu';

/** Owns the engine that all views of a page train with. */
export class PageEngineOwner {
  #engine = $state.raw<SurvivingEngine | null>(null);
  #choice = $state<EngineChoice>('auto');
  #opening = $state(false);
  #openings = 0;

  /** Another engine is there. The one before is disposed of when what this returns has resolved. */
  onchange: () => Promise<unknown> | undefined = () => undefined;

  constructor(choice: EngineChoice = 'auto') {
    this.#choice = choice;
  }

  /** null before the first has been opened */
  get engine(): SurvivingEngine | null {
    return this.#engine;
  }
  /** what the reader asked for last */
  get choice(): EngineChoice {
    return this.#choice;
  }
  get opening(): boolean {
    return this.#opening;
  }

  /** Opens an engine. The present one serves until the new one is there. */
  async open(choice: EngineChoice = this.#choice): Promise<void> {
    const opening = ++this.#openings;
    this.#choice = choice;
    this.#opening = true;
    const engine = await SurvivingEngine.open(choice);
    if (opening !== this.#openings) {
      engine.dispose(); // the reader chose again meanwhile
      return;
    }
    const old = this.#engine;
    this.#engine = engine;
    this.#opening = false;
    void Promise.resolve(this.onchange()).finally(() => old?.dispose());
  }

  dispose(): void {
    this.#openings++;
    this.#engine?.dispose();
  }
}
