/** The copy of the page that the service worker keeps for when there is no network, and a newer one that waits. */
export class OfflineCopy {
  #newer = $state.raw<ServiceWorker | null>(null);

  /** A newer version has been fetched; it opens when no page of this one is open any more. */
  get hasNewer(): boolean {
    return this.#newer !== null;
  }

  /** Keeps a copy. Where the browser does not allow it (a private window, plain HTTP) the page works all the same, with a network. */
  async keep(): Promise<void> {
    try {
      const registration = await navigator.serviceWorker.register('./service-worker.js');
      const look = (): void => {
        if (navigator.serviceWorker.controller) this.#newer = registration.waiting;
      };
      registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
      look();
    } catch {
      // nothing to tell: nobody asked for it
    }
  }

  /** Opens the newer version now; the link of the present state opens in it. */
  useNewer(): void {
    if (this.#newer?.state !== 'installed') {
      location.reload(); // it has taken over for another tab, which left this one as it was
      return;
    }
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    this.#newer.postMessage('take over');
  }
}
