import temml from 'temml';

/** Typesets TeX as MathML. A template tag of the notebooks: tex`\beta`, and tex.block`...` for a line of its own. */
const tag =
  (displayMode: boolean) =>
  (parts: TemplateStringsArray, ...values: readonly unknown[]): HTMLElement => {
    const node = document.createElement('span');
    node.className = displayMode ? 'tex block' : 'tex';
    temml.render(String.raw(parts, ...values), node, { displayMode });
    return node;
  };

export const tex = Object.assign(tag(false), { block: tag(true) });
