/** Sets `--above` on a part of the page: what stands above it, in pixels. The first screen is what is left of the window. */
export function heightAbove(part: HTMLElement): () => void {
  const measure = (): void => part.style.setProperty('--above', `${Math.round(part.getBoundingClientRect().top + scrollY)}px`);
  const observer = new ResizeObserver(measure);
  observer.observe(document.body);
  addEventListener('resize', measure);
  measure();
  return () => {
    observer.disconnect();
    removeEventListener('resize', measure);
  };
}
