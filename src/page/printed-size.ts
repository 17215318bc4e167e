/**
 * A browser that prints lays the page out for the paper, and tells no ResizeObserver: drawings would keep the window's size. They are told
 * here, before the paper is drawn and after it.
 */
const observers = new Set<Told>();

class Told extends ResizeObserver {
  readonly #targets = new Set<Element>();
  readonly #callback: ResizeObserverCallback;
  constructor(callback: ResizeObserverCallback) {
    super(callback);
    this.#callback = callback;
  }
  override observe(target: Element, options?: ResizeObserverOptions): void {
    this.#targets.add(target);
    observers.add(this);
    super.observe(target, options);
  }
  override unobserve(target: Element): void {
    this.#targets.delete(target);
    super.unobserve(target);
  }
  override disconnect(): void {
    this.#targets.clear();
    super.disconnect();
    observers.delete(this);
  }
  tell(): void {
    const entries = [...this.#targets].map((target) => ({ target, contentRect: target.getBoundingClientRect() }) as ResizeObserverEntry);
    if (entries.length > 0) this.#callback(entries, this);
  }
}
globalThis.ResizeObserver = Told;

/** Tells every drawing the size that it has now. */
export function tellSizes(): void {
  for (const observer of observers) observer.tell();
}
matchMedia('print').addEventListener('change', tellSizes);
// once more when the window's layout is back
addEventListener('afterprint', () => requestAnimationFrame(tellSizes));
