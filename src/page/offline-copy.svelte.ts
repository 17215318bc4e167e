import { ownEntry } from './own-entry.ts';

/** What a page asks the worker of a build that waits, with a port for the answer: whether the page is of another build. */
export interface OfflineQuestion {
  /** the address of the script that the page was started by */
  readonly entry: string;
  /** the next page that is loaded shall be of the worker's build */
  readonly opens: boolean;
}

const ask = (worker: ServiceWorker, opens: boolean): Promise<boolean> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<boolean>) => resolve(data);
    worker.postMessage({ entry: ownEntry, opens } satisfies OfflineQuestion, [port2]);
  });

/** The copy of the page that the service worker keeps for when there is no network, and a newer one that waits. */
export class OfflineCopy {
  #newer = $state.raw<ServiceWorker | null>(null);

  /** A newer version has been fetched; its worker takes over when no page is open any more. */
  get hasNewer(): boolean {
    return this.#newer !== null;
  }

  /** Keeps a copy. Where the browser does not allow it (a private window, plain HTTP) the page works all the same, with a network. */
  async keep(): Promise<void> {
    try {
      const registration = await navigator.serviceWorker.register('./service-worker.js');
      const look = async (): Promise<void> => {
        const { waiting } = registration;
        // Where a reader has asked for it, this page is already of the build that waits.
        this.#newer = navigator.serviceWorker.controller && waiting && (await ask(waiting, false)) ? waiting : null;
      };
      registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
      await look();
    } catch {
      // nothing to tell: nobody asked for it
    }
  }

  /** Opens the newer version now, in this tab; the link of the present state opens in it. */
  async useNewer(): Promise<void> {
    if (this.#newer?.state === 'installed') await ask(this.#newer, true);
    location.reload();
  }
}
