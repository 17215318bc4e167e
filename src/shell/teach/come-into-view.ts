import { isFilled } from './sections.ts';

/** What a lesson speaks of is looked at, wherever it stands: once it has its contents, and no more after that. */
export function comeIntoView(section: HTMLDetailsElement): () => void {
  const observer = new ResizeObserver(() => {
    if (!isFilled(section)) return;
    observer.disconnect();
    section.scrollIntoView({ block: 'start' });
  });
  observer.observe(section);
  return () => observer.disconnect();
}
