/**
 * A browser's translation puts a <font> with words of its own in the place of a text, and takes the text out of the page: whatever changes
 * or removes that text afterwards would do it unseen. So the text comes back, empty, before the translated words; once it is written
 * again or removed, they go, and the browser translates the new words if it likes.
 */
interface Translated {
  readonly text: Text;
  readonly original: string;
  readonly words: Element;
}
const translated = new WeakMap<Node, Translated>();

/** The page itself has no <font>. */
const isWords = (node: Node | null | undefined): node is Element => node?.nodeName === 'FONT' && !translated.has(node);

const observer = new MutationObserver((records) => {
  const touched = new Map<Translated, 'written' | 'moved'>();
  for (const { type, target, addedNodes, removedNodes, previousSibling, nextSibling } of records) {
    const written = type === 'characterData' && translated.get(target);
    if (written) touched.set(written, 'written');
    for (const node of removedNodes) {
      const known = translated.get(node);
      if (known) touched.set(known, touched.get(known) ?? 'moved');
      else if (node instanceof Text && !node.isConnected) {
        const words = [...addedNodes, previousSibling, nextSibling].find(isWords);
        if (words?.isConnected) replace(node, words);
      }
    }
  }
  for (const [one, how] of touched) settle(one, how === 'written');
  observer.takeRecords(); // what was done here
});

function replace(text: Text, words: Element): void {
  const one = { text, words, original: text.data };
  translated.set(text, one).set(words, one);
  text.data = '';
  words.before(text);
  observer.observe(text, { characterData: true });
}

function settle({ text, words, original }: Translated, isWritten: boolean): void {
  if (!isWritten && text.isConnected && words.isConnected) {
    text.after(words); // a list was put into another order
    return;
  }
  // the words without their text: the reader wants the original back
  if (!isWritten && text.isConnected) text.data = original;
  words.remove();
  translated.delete(text);
}

observer.observe(document.body, { childList: true, subtree: true });
