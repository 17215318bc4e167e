import type { Page } from 'playwright';

/** WCAG 1.4.12: what a reader may do to the spacing of a text. */
export const spacing = `
  * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
  p { margin-bottom: 2em !important }`;

/** What of the page's texts and controls cannot be read or reached as it stands: cut off, one over another, or out of the window's width. */
export const illegible = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth} px wide`);
    const isSeen = (element: Element): boolean =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      !element.closest('.visually-hidden, svg, [inert], option');
    const controls = [...document.querySelectorAll('button, a, input, select, textarea, summary')].filter((one) => isSeen(one));
    const nameOf = (one: Element): string => `${one.tagName} ${one.getAttribute('aria-label') ?? one.textContent?.trim().slice(0, 40)}`;
    for (const control of controls) {
      const box = control.getBoundingClientRect();
      // what scrolls is reached by scrolling
      const scrolls = [...ancestors(control)].some(
        (one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth,
      );
      if (box.width > 1 && !scrolls && (box.left < -1 || box.right > innerWidth + 1)) found.push(`out of the window: ${nameOf(control)}`);
    }
    function* ancestors(of: Element): Generator<Element> {
      for (let one = of.parentElement; one; one = one.parentElement) yield one;
    }
    const lines: { text: string; box: DOMRect; node: Text }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode as Text;
      const parent = node.parentElement;
      if (node.data.trim() === '' || !parent || !isSeen(parent) || parent.closest('textarea, select')) continue;
      const clips = [...ancestors(node as unknown as Element)].filter((one) => getComputedStyle(one).overflow !== 'visible');
      // what is cut short with dots, says so
      if (clips.map((one) => getComputedStyle(one)).some((one) => one.textOverflow === 'ellipsis' || one.webkitLineClamp !== 'none'))
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const line of range.getClientRects()) {
        // the glyphs, about: without the room above and below them
        const box = new DOMRect(line.x + 1, line.y + line.height * 0.3, line.width - 2, line.height * 0.4);
        if (box.width <= 0) continue;
        if ([parent, ...ancestors(parent)].some((one) => getComputedStyle(one).clipPath !== 'none')) continue;
        let isCut = false;
        for (const clip of clips) {
          if (clip === root || clip === document.body) continue;
          const around = clip.getBoundingClientRect();
          const how = getComputedStyle(clip);
          if (around.width <= 1 || how.clipPath !== 'none') isCut = true;
          // what scrolls is reached by scrolling
          else if (/auto|scroll/.test(how.overflowX) && (box.left < around.left || box.right > around.right)) isCut = true;
          else if (/auto|scroll/.test(how.overflowY) && (box.top < around.top || box.bottom > around.bottom)) isCut = true;
          else if (/hidden|clip/.test(how.overflowY) && (box.top < around.top || box.bottom > around.bottom)) {
            found.push(`cut off: ${node.data.trim().slice(0, 60)}`);
            isCut = true;
          } else if (/hidden|clip/.test(how.overflowX) && (box.left < around.left - 1 || box.right > around.right + 1)) {
            found.push(`cut off: ${node.data.trim().slice(0, 60)}`);
            isCut = true;
          } else if (box.bottom < around.top || box.top > around.bottom || box.right < around.left || box.left > around.right) isCut = true;
          if (isCut) break;
        }
        if (!isCut && !isSticky(parent)) lines.push({ text: node.data.trim().slice(0, 40), box, node });
      }
    }
    function isSticky(of: Element): boolean {
      return [of, ...ancestors(of)].some((one) => /sticky|fixed/.test(getComputedStyle(one).position));
    }
    for (const [place, one] of lines.entries())
      for (const other of lines.slice(place + 1)) {
        const [a, b] = [one.box, other.box];
        if (one.node !== other.node && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
          found.push(`one over another: ${one.text} | ${other.text}`);
      }
    return [...new Set(found)];
  });

/** What a reader with colours of their own would not see. */
export const unseenInForcedColours = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const probe = document.body.appendChild(document.createElement('i'));
    const colourOf = (name: string): string => {
      probe.style.color = name;
      return getComputedStyle(probe).color;
    };
    const paper = colourOf('Canvas');
    const isSeen = (colour: string): boolean => colour !== paper && colour !== 'none' && !/^rgba.*, 0\)$/.test(colour);
    for (const button of document.querySelectorAll('button:not(.unstyled), select, input[type=text], textarea')) {
      if (!button.checkVisibility({ visibilityProperty: true }) || button.matches('.visually-hidden *, .lenses *, :has(canvas)')) continue;
      const { borderBottomColor, borderBottomStyle, borderBottomWidth } = getComputedStyle(button);
      if (borderBottomStyle === 'none' || Number.parseFloat(borderBottomWidth) === 0 || !isSeen(borderBottomColor))
        found.push(`without a border: ${button.textContent?.trim()}`);
    }
    for (const text of document.querySelectorAll('main svg text')) {
      const { fill, stroke } = getComputedStyle(text);
      if (text.checkVisibility({ visibilityProperty: true }) && !isSeen(fill) && !isSeen(stroke)) found.push(`unseen: ${text.textContent}`);
    }
    for (const line of document.querySelectorAll('main svg :is(path, line)[class]')) {
      const { fill, stroke } = getComputedStyle(line);
      if (
        line.checkVisibility({ visibilityProperty: true }) &&
        stroke === paper &&
        !isSeen(fill) &&
        !/case|halo|under/.test(line.getAttribute('class') ?? '')
      )
        found.push(`unseen: a line, ${line.getAttribute('class')}`);
    }
    // the sides' areas
    const fills = ['chosen', 'rejected', 'gainer'].map((role) => colourOf(`var(--${role}-area)`));
    if (new Set([...fills, paper]).size < 4) found.push(`the sides look the same: ${fills}`);
    for (const bar of document.querySelectorAll('main .bars .fill'))
      if (!isSeen(getComputedStyle(bar).backgroundColor)) found.push('a bar is unseen');
    probe.remove();
    // the focus
    const button = [...document.querySelectorAll<HTMLElement>('main button')].find(
      (one) => one.checkVisibility() && !one.matches(':disabled'),
    );
    button?.focus({ focusVisible: true } as FocusOptions);
    if (button) {
      const { outlineStyle, outlineColor } = getComputedStyle(button);
      if (outlineStyle === 'none' || !isSeen(outlineColor)) found.push('the focus is unseen');
    }
    return [...new Set(found)];
  });

/** What of a printed page is light, of no use on paper, or sticks out of it. `isUndrawn`: it has no picture to miss. */
export const unfitForPaper = (page: Page, isUndrawn = false): Promise<string[]> =>
  page.evaluate((hasNone) => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push(`${document.documentElement.scrollWidth} px wide`);
    const luminance = (colour: string): number => {
      const [r = 0, g = 0, b = 0] = (/rgba?\(([^)]*)\)/.exec(colour)?.[1] ?? '0,0,0').split(',').map((part) => {
        const share = Number(part) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    if (luminance(getComputedStyle(document.documentElement).backgroundColor) < 0.99) found.push('the paper is not white');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (!parent || walker.currentNode.textContent?.trim() === '' || !parent.checkVisibility({ visibilityProperty: true })) continue;
      const style = getComputedStyle(parent);
      const isDrawn = parent.closest('svg') !== null;
      // a name on a picture has a halo of its own
      if (isDrawn && (style.stroke !== 'none' || parent.matches('.name'))) continue;
      if (1.05 / (luminance(isDrawn ? style.fill : style.color) + 0.05) < 4.5)
        found.push(`too light: ${walker.currentNode.textContent?.trim()}`);
    }
    for (const one of document.querySelectorAll(
      'button:not(.unstyled, .picker *, :has(canvas)), header nav, input[type=range], progress, details:not([open]) summary',
    ))
      if (one.checkVisibility()) found.push(`of no use: ${one.tagName} ${one.textContent?.trim().slice(0, 40)}`);
    if ([...document.querySelectorAll('main canvas')].some((one) => !one.checkVisibility() || one.getBoundingClientRect().height < 1))
      found.push('a picture is missing');
    const pictures = [...document.querySelectorAll('main :is(svg, canvas)')].filter((one) => one.getBoundingClientRect().width > 150);
    if (pictures.length === 0 && !hasNone) found.push('no picture');
    for (const picture of pictures) if (picture.getBoundingClientRect().right > innerWidth + 1) found.push('a picture sticks out');
    return [...new Set(found)];
  }, isUndrawn);
