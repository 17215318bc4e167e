import type { Exports } from './export.ts';

/** Something drawn that can be handed out. */
export interface Figure {
  readonly title: string;
  readonly drawn: HTMLElement;
  /** the width in pixels that it needs */
  readonly narrowest: number;
  readonly load: () => Promise<Exports>;
}

/** What the page shows now, by the menu that exports it. */
const shown = new Map<Element, Figure>();

/** Makes a figure known until what is returned is called. */
export function addFigure(menu: Element, figure: Figure): () => void {
  shown.set(menu, figure);
  return () => shown.delete(menu);
}

/** The first figure of the page that can be seen; null where there is none. */
export function mainFigure(): Figure | null {
  const figures = [...shown.entries()].filter(([, { drawn }]) => drawn.checkVisibility({ visibilityProperty: true }));
  figures.sort(([a], [b]) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  return figures[0]?.[1] ?? null;
}
