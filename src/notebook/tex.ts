import temml from 'temml';

/** A formula that is wider than its place scrolls: the keyboard must reach it. */
const resizes = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target instanceof HTMLElement) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
});

function typeset(displayMode: boolean, source: string): HTMLElement {
  const node = document.createElement('span');
  node.className = displayMode ? 'tex block' : 'tex';
  temml.render(source, node, { displayMode, throwOnError: true });
  if (displayMode) {
    node.role = 'group';
    node.ariaLabel = 'Formula';
    resizes.observe(node);
  }
  return node;
}

const tag =
  (displayMode: boolean) =>
  (parts: TemplateStringsArray, ...values: readonly unknown[]): HTMLElement =>
    typeset(displayMode, String.raw(parts, ...values));

/**
 * Typesets TeX as MathML, a template tag of the notebooks: tex`\\beta`, and tex.block`...` for a line of its own. Throws a ParseError that
 * says where the TeX is wrong.
 */
export const tex = Object.assign(tag(false), { block: tag(true) });
