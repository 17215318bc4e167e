const kinds = ['keydown', 'pointerdown', 'wheel', 'touchstart', 'scroll', 'beforeprint'] as const;

/** Resolves when the reader does something for the first time. What is not seen at once is fetched then, if not before. */
export const firstInteraction = new Promise<void>((resolve) => {
  const happened = (): void => {
    for (const kind of kinds) removeEventListener(kind, happened, true);
    resolve();
  };
  for (const kind of kinds) addEventListener(kind, happened, { capture: true, passive: true });
});
