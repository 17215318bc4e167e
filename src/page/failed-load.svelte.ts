import { messageOf } from '../core/message-of.ts';
import { packLink } from '../shell/links/open-link.ts';
import { ownEntry } from './own-entry.ts';
import type { Page } from './page.svelte.ts';

/**
 * Why a file of the page could not be loaded. `updated`: the server has another build by now; `unreachable`: it does not answer, or with
 * an error; `broken`: it has this build, and yet the file is missing or its code fails.
 */
export type LoadFailure = 'updated' | 'unreachable' | 'broken';

/** The builds that this tab has left by itself. */
const key = 'prefscope.left-builds';

async function findCause(): Promise<LoadFailure> {
  try {
    // The service worker lets this pass: its own copy would always be of this build.
    const response = await fetch(location.pathname, { cache: 'no-store' });
    if (!response.ok) return 'unreachable';
    return (await response.text()).includes(ownEntry.replace(/^.*\//, '')) ? 'broken' : 'updated';
  } catch {
    return 'unreachable';
  }
}

/** Whether this tab may leave its build by itself: once per build, so that it never goes round in circles. */
function mayLeave(): boolean {
  try {
    const left = sessionStorage.getItem(key)?.split(' ') ?? [];
    if (left.includes(ownEntry)) return false;
    sessionStorage.setItem(key, [...left, ownEntry].join(' '));
    return true;
  } catch {
    return false; // nothing is kept here: the reader decides
  }
}

/** What becomes of an open page when a file that it needs cannot be loaded, as after a deploy. */
export class FailedLoad {
  #page: Page | null = null;
  #cause = $state.raw<LoadFailure | null>(null);
  #reason = $state('');
  #isLooking = false;

  constructor() {
    // Vite says this where a view or its styles cannot be imported; the engine says it of its worker.
    addEventListener('vite:preloadError', ({ payload }) => void this.#look(payload));
  }

  /** Before, it is the link that opens the page which is kept. */
  watch(page: Page): void {
    this.#page = page;
  }

  /** null while all that was asked for came */
  get cause(): LoadFailure | null {
    return this.#cause;
  }
  /** the browser's words */
  get reason(): string {
    return this.#reason;
  }
  /** files that the reader opened would have to be opened again */
  get losesFiles(): boolean {
    return this.#page?.holdsFiles ?? false;
  }

  async #look(error: unknown): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const cause = await findCause();
    this.#reason = messageOf(error);
    if (cause === 'updated' && !this.losesFiles && mayLeave()) await this.reload();
    // Where no worker can be had for another reason, the page computes in its place.
    else if (cause === 'updated' || !(error instanceof Error && error.name === 'WorkerError')) this.#cause = cause;
    this.#isLooking = false;
  }

  /** Loads the page anew, as it is. */
  async reload(): Promise<void> {
    if (this.#page) {
      const { hash } = this.#page;
      const packed = await packLink(hash).catch(() => hash); // what packs links may be missing, too
      // A step in the browser's history, as any new setting: what was open before is a step back.
      if (location.hash.slice(1) !== packed)
        history.pushState(null, '', packed === '' ? location.pathname + location.search : `#${packed}`);
    }
    location.reload();
  }
}
