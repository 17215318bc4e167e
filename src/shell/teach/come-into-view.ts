/** What a lesson speaks of is looked at, wherever it stands. Once it has its contents, that is. */
export function comeIntoView(part: Element): () => void {
  const observer = new ResizeObserver(() => part.scrollIntoView({ block: 'start' }));
  observer.observe(part);
  return () => observer.disconnect();
}
