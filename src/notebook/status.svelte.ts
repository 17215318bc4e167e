import type { AdapterDescription, BackendKind } from '../index.ts';
import type { LinkProblem } from '../shell/links/link.ts';

/** What the notebook computes with. */
export interface EngineDescription {
  readonly backend: BackendKind;
  readonly adapter: AdapterDescription | null;
  readonly fallbackReason: string | null;
}

const selectors = {
  running: '[data-state="running"]',
  failed: '[data-state="failed"]',
  checks: '[data-verdict]',
  off: '[data-verdict="off"]',
};
type Count = keyof typeof selectors;

/** How far the notebook is, counted from the page itself: what stands there is what holds. */
class NotebookStatus {
  #counts = $state.raw<Readonly<Record<Count, number>>>({ running: 0, failed: 0, checks: 0, off: 0 });
  #engine = $state.raw<EngineDescription | null>(null);
  /** what the link in the address holds and could not be used */
  problems = $state.raw<readonly LinkProblem[]>([]);

  /** cells and checks, by what has become of them */
  get counts(): Readonly<Record<Count, number>> {
    return this.#counts;
  }
  /** null until an engine is open */
  get engine(): EngineDescription | null {
    return this.#engine;
  }
  set engine(engine: EngineDescription) {
    this.#engine = engine;
  }

  /** Counts again, after a cell has changed. */
  refresh(): void {
    const count = (selector: string): number => document.querySelectorAll(selector).length;
    this.#counts = {
      running: count(selectors.running),
      failed: count(selectors.failed),
      checks: count(selectors.checks),
      off: count(selectors.off),
    };
    const { running, failed, off } = this.#counts;
    document.documentElement.dataset['notebook'] = running > 0 ? 'running' : failed + off > 0 ? 'failed' : 'done';
  }
}

export const status = new NotebookStatus();
