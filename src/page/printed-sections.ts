import { flushSync } from 'svelte';
import { isFilled } from '../shell/teach/sections.ts';
import { tellSizes } from './printed-size.ts';

/**
 * On paper nothing can be opened: what a reader could open is open there, and closed again afterwards. A browser that prints waits for
 * nothing; so what has to be fetched is there only if the page is asked, by its menu or by the keys, and asks the browser in turn.
 */
let opened: HTMLDetailsElement[] = [];

/** Opens what is closed; whether anything was. */
function open(): boolean {
  const closed = [...document.querySelectorAll<HTMLDetailsElement>('main details:not([open])')];
  for (const section of closed) toggle(section, true);
  opened.push(...closed);
  return closed.length > 0;
}
/** Its component hears of it at once: the browser would say so after the paper is drawn. */
function toggle(section: HTMLDetailsElement, isOpen: boolean): void {
  section.open = isOpen;
  section.dispatchEvent(new Event('toggle'));
  flushSync();
}
/** Closes again what was opened. */
function close(sections: readonly HTMLDetailsElement[]): void {
  opened = opened.filter((section) => !sections.includes(section));
  for (const section of sections) toggle(section, false);
}

/** The browser has asked by itself: a section that it would print empty is left out, as it was. */
function openAtOnce(): void {
  while (open());
  close(opened.filter((section) => !isFilled(section)));
}

/** How long nothing is added any more before the page counts as drawn, and the longest wait for that; in milliseconds. */
const [rest, longest] = [300, 10_000];

const settled = (): Promise<void> =>
  new Promise((resolve) => {
    const begun = performance.now();
    let changed = begun;
    const observer = new MutationObserver(() => {
      changed = performance.now();
    });
    observer.observe(document.body, { childList: true, subtree: true });
    const timer = setInterval(() => {
      const now = performance.now();
      const isDrawn = now - changed > rest && opened.every((section) => isFilled(section));
      if (!isDrawn && now - begun < longest) return;
      clearInterval(timer);
      observer.disconnect();
      resolve();
    }, 50);
  });

/** Opens all sections, waits until they are drawn, and prints. */
export async function printEverything(): Promise<void> {
  // what a section holds may have sections of its own
  while (open()) await settled();
  print();
}

let isPrinting = false;
addEventListener('beforeprint', () => {
  isPrinting = true;
  openAtOnce();
});
addEventListener('afterprint', () => {
  isPrinting = false;
  close(opened);
});
matchMedia('print').addEventListener('change', ({ matches }) => {
  if (matches) {
    openAtOnce();
    tellSizes(); // what was opened has heard nothing yet
  } else if (!isPrinting) close(opened);
});
addEventListener('keydown', (event) => {
  if (event.key.toLowerCase() !== 'p' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  void printEverything();
});
