/**
 * A panel as it is seen, as an SVG that needs nothing else: charts with their styles written out, HTML text and boxes as SVG, canvases as
 * pictures. Controls are left out.
 */

import { xmlCharacters } from './xml-characters.ts';

const svgNamespace = 'http://www.w3.org/2000/svg';
const fontFamily = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

/** Presentation attributes that style sheets set, and whether children inherit them. */
const properties: readonly (readonly [name: string, inherited: boolean, initial: string])[] = [
  ['fill', true, 'rgb(0, 0, 0)'],
  ['stroke', true, 'none'],
  // after the colours: theirs may have an alpha of its own
  ['fill-opacity', true, '1'],
  ['stroke-width', true, '1px'],
  ['stroke-dasharray', true, 'none'],
  ['stroke-linecap', true, 'butt'],
  ['stroke-linejoin', true, 'miter'],
  ['stroke-opacity', true, '1'],
  ['paint-order', true, 'normal'],
  ['font-size', true, ''],
  ['font-weight', true, '400'],
  ['font-style', true, 'normal'],
  ['text-anchor', true, 'start'],
  ['opacity', false, '1'],
  ['stop-color', false, 'rgb(0, 0, 0)'],
  ['stop-opacity', false, '1'],
  ['vector-effect', false, 'none'],
  ['dominant-baseline', false, 'auto'],
];
/** What belongs to the page alone, as words on how to use it. */
const leftOut = '[data-export="skip"]';
/** What stays of a drawing's own attributes: geometry and references, no classes, names or handlers. */
const dropped = /^(class|style|role|tabindex|focusable|aria-.*|data-.*|on.*)$/;

const attributesOf = (element: SVGElement, values: Readonly<Record<string, string | number>>): SVGElement => {
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, typeof value === 'number' ? String(round(value)) : value);
  return element;
};
const round = (value: number): number => Math.round(100 * value) / 100;
/** A document that loads nothing: the page would fetch a picture as soon as it is named, and its policy refuses data: URLs. */
const inert = document.implementation.createDocument(svgNamespace, null);
const make = (name: string, values: Readonly<Record<string, string | number>> = {}): SVGElement =>
  attributesOf(inert.createElementNS(svgNamespace, name) as SVGElement, values);

/** A computed colour without its alpha, which older readers of SVG do not take, and the alpha. */
function opaque(colour: string): { colour: string; alpha: string } {
  const [, red, green, blue, alpha] = /^rgba\((\d+), (\d+), (\d+), ([\d.]+)\)$/.exec(colour) ?? [];
  return alpha === undefined ? { colour, alpha: '1' } : { colour: `rgb(${red}, ${green}, ${blue})`, alpha };
}

const isHidden = (element: Element): boolean => !element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

/** A value whose references are to ids of the copy: two charts of one panel may use one id each, and the prefix keeps them apart. */
const referring = (value: string, prefix: string): string =>
  value.replace(/url\(["']?#([^"')]*)["']?\)/g, `url(#${prefix}$1)`).replace(/^#/, `#${prefix}`);

/** Copies a drawing, with every style that it gets from the page written as an attribute. */
function copyDrawing(original: Element, inherited: ReadonlyMap<string, string>, prefix: string): SVGElement | null {
  const style = getComputedStyle(original);
  // never drawn themselves, and needed by what is
  const isDefinition = original.closest('defs, clipPath, linearGradient') !== null;
  if (!isDefinition && (isHidden(original) || original.matches(leftOut))) return null;
  const copy = make(original.localName);
  for (const { name, value } of original.attributes) {
    if (dropped.test(name) || name.startsWith('xmlns')) continue;
    copy.setAttribute(name, name === 'id' ? prefix + value : referring(value, prefix));
  }
  const passedOn = new Map(inherited);
  const fading: Record<string, number> = {};
  for (const [name, isInherited, initial] of properties) {
    const computed = style.getPropertyValue(name);
    if (computed === '') continue;
    let value = computed;
    if (name === 'fill' || name === 'stroke') {
      const { colour, alpha } = opaque(computed);
      value = colour;
      fading[`${name}-opacity`] = Number(alpha);
    } else if (name in fading) value = String(Number(computed) * (fading[name] ?? 1));
    value = referring(value, prefix);
    copy.removeAttribute(name);
    if (value !== (isInherited ? (inherited.get(name) ?? initial) : initial)) copy.setAttribute(name, value);
    if (isInherited) passedOn.set(name, value);
  }
  for (const child of original.childNodes) {
    if (child instanceof SVGElement) {
      const inner = copyDrawing(child, passedOn, prefix);
      if (inner) copy.append(inner);
    } else if (child.nodeType === Node.TEXT_NODE && original.localName !== 'svg' && original.localName !== 'g') {
      copy.append(child.textContent ?? '');
    }
  }
  return copy;
}

/** What is drawn, and from where to where it reaches, in pixels from the panel's upper edge. */
interface Part {
  node: SVGElement;
  top: number;
  bottom: number;
}

/** Emptier strips than this are where controls were, in pixels; what is left of them. */
const widestGap = 40;
const closedGap = 20;

interface Line {
  text: string;
  left: number;
  right: number;
  top: number;
  height: number;
}

/** The lines of a piece of text as the page has broken them. */
function linesOf(text: Text): Line[] {
  const lines: Line[] = [];
  const range = document.createRange();
  const content = text.textContent ?? '';
  // The browser breaks a word after a hyphen, a dash or a slash.
  for (const { 0: word, index } of content.matchAll(/[^\s\-–—/]+[-–—/]*|[-–—/]+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const { left, right, top, width, height } = range.getBoundingClientRect();
    if (width === 0) continue;
    const line = lines.at(-1);
    if (line && Math.abs(line.top - top) < height / 2 && left >= line.left) {
      line.text += `${/\s/.test(content[index - 1] ?? '') ? ' ' : ''}${word}`;
      line.right = right;
    } else lines.push({ text: word, left, right, top, height });
  }
  return lines;
}

/** Measures text in a font as CSS writes it. */
const ruler = document.createElement('canvas').getContext('2d');

function textAttributes(style: CSSStyleDeclaration): Record<string, string> {
  const { colour, alpha } = opaque(style.color);
  const isMath = style.fontFamily.includes('math');
  const isCode = style.fontFamily.includes('mono');
  return {
    fill: colour,
    'font-size': style.fontSize,
    ...(alpha === '1' ? {} : { 'fill-opacity': alpha }),
    ...(style.fontWeight === '400' ? {} : { 'font-weight': style.fontWeight }),
    ...(style.fontStyle === 'normal' ? {} : { 'font-style': 'italic' }),
    ...(isMath ? { 'font-family': 'serif' } : isCode ? { 'font-family': 'monospace' } : {}),
  };
}

/** Left-aligned, centred or right-aligned as on the page, so that another font's width shifts nothing out of line. */
function textOf(line: Line, style: CSSStyleDeclaration, origin: DOMRect): SVGElement {
  const anchor = /right|end/.test(style.textAlign) ? 'end' : style.textAlign === 'center' ? 'middle' : 'start';
  const x = anchor === 'end' ? line.right : anchor === 'middle' ? (line.left + line.right) / 2 : line.left;
  let baseline = line.top + 0.8 * line.height;
  if (ruler) {
    ruler.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = ruler.measureText('x');
    baseline = line.top + (line.height - ascent - descent) / 2 + ascent;
  }
  const text = make('text', { x: x - origin.left, y: baseline - origin.top, ...textAttributes(style) });
  if (anchor !== 'start') text.setAttribute('text-anchor', anchor);
  text.textContent = style.textTransform === 'uppercase' ? line.text.toUpperCase() : line.text;
  return text;
}

/** A bracket that the browser has stretched over what it holds. */
function stretch(text: SVGElement, box: DOMRect, origin: DOMRect, style: CSSStyleDeclaration): void {
  if (!ruler) return;
  ruler.font = `${style.fontSize} serif`;
  const { actualBoundingBoxAscent: ascent, actualBoundingBoxDescent: descent } = ruler.measureText(text.textContent ?? '');
  const factor = box.height / (ascent + descent);
  if (!(factor > 1.4 && factor < 20)) return;
  attributesOf(text, {
    x: 0,
    y: ascent,
    transform: `translate(${round(box.left - origin.left)} ${round(box.top - origin.top)}) scale(1 ${round(factor)})`,
  });
}

/** Background and borders of a box. */
function boxOf(style: CSSStyleDeclaration, box: DOMRect, origin: DOMRect): Part[] {
  const parts: Part[] = [];
  const add = (node: SVGElement, top: number, bottom: number) => parts.push({ node, top, bottom });
  const [x, y] = [box.left - origin.left, box.top - origin.top];
  const { colour, alpha } = opaque(style.backgroundColor);
  const border = (side: string) => {
    const line = opaque(style.getPropertyValue(`border-${side}-color`));
    const kind = style.getPropertyValue(`border-${side}-style`);
    const width = kind === 'none' || line.alpha === '0' ? 0 : Number.parseFloat(style.getPropertyValue(`border-${side}-width`));
    return {
      width,
      ...(kind === 'dashed' ? { 'stroke-dasharray': `${2.5 * width} ${2 * width}` } : {}),
      stroke: line.colour,
      'stroke-opacity': line.alpha,
    };
  };
  const [top, right, bottom, left] = ['top', 'right', 'bottom', 'left'].map(border);
  const isFrame = top && [right, bottom, left].every((other) => other?.width === top.width && other.stroke === top.stroke);
  const frame = isFrame && top.width > 0 ? top : null;
  if (alpha !== '0' || frame) {
    const inset = (frame?.width ?? 0) / 2;
    const [width, height] = [box.width - 2 * inset, box.height - 2 * inset];
    // a radius in percent is one of a box as wide as high
    const radius = Number.parseFloat(style.borderTopLeftRadius) * (style.borderTopLeftRadius.endsWith('%') ? box.height / 100 : 1);
    const rectangle = make('rect', {
      x: x + inset,
      y: y + inset,
      width,
      height,
      rx: Math.min(radius || 0, width / 2, height / 2),
      fill: alpha === '0' ? 'none' : colour,
      'fill-opacity': alpha,
    });
    if (frame) {
      const { width: thick, ...stroke } = frame;
      attributesOf(rectangle, { ...stroke, 'stroke-width': thick });
    }
    add(rectangle, y, y + box.height);
  }
  if (frame) return parts;
  const sides = [
    [top, x, y, x + box.width, y],
    [bottom, x, y + box.height, x + box.width, y + box.height],
    [left, x, y, x, y + box.height],
    [right, x + box.width, y, x + box.width, y + box.height],
  ] as const;
  for (const [side, x1, y1, x2, y2] of sides) {
    if (!side || side.width === 0) continue;
    const { width, ...stroke } = side;
    add(make('line', { x1, y1, x2, y2, ...stroke, 'stroke-width': width }), y1, y2);
  }
  return parts;
}

/** What is a control or for those who cannot see is no part of the figure; what a control shows is. */
function isLeftOut(element: Element, box: DOMRect): boolean {
  if (element.matches(`${leftOut}, .visually-hidden, input, select, textarea, progress, dialog`)) return true;
  // what a closed disclosure holds has a place in the layout, but is not seen
  if (element.parentElement?.matches('details:not([open])') && element.localName !== 'summary') return true;
  if (element.matches('label')) return element.querySelector('svg') === null;
  // a button that is placed at a point of a chart is one of its marks
  // and one in the middle of a sentence is a part of it
  if (element.matches('button:not(th button, [data-export="words"])') && getComputedStyle(element).position !== 'absolute')
    return element.querySelector('canvas, svg') === null;
  return box.width <= 1 && box.height <= 1 && getComputedStyle(element).overflow === 'hidden';
}

/** Adds what is below `element` to `parts`, in pixels from `origin`. */
function draw(element: Element, parts: Part[], origin: DOMRect, isRoot = false): void {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (!isRoot && (isHidden(element) || isLeftOut(element, box))) return;
  const place = { x: box.left - origin.left, y: box.top - origin.top, width: box.width, height: box.height };
  const add = (node: SVGElement, top = place.y, bottom = top + place.height) => parts.push({ node, top, bottom });
  if (element instanceof SVGSVGElement) {
    const copy = copyDrawing(element, new Map(), `p${parts.length}-`);
    if (!copy) return;
    add(attributesOf(copy, place));
    const drawn = parts.at(-1);
    if (style.overflow !== 'visible' || !drawn) return;
    copy.setAttribute('overflow', 'visible');
    const content = element.getBBox();
    drawn.top = Math.min(drawn.top, place.y + content.y);
    drawn.bottom = Math.max(drawn.bottom, place.y + content.y + content.height);
    return;
  }
  if (element instanceof HTMLCanvasElement) {
    add(make('image', { ...place, href: enlarged(element, box), preserveAspectRatio: 'none' }));
    return;
  }
  if (!isRoot) parts.push(...boxOf(style, box, origin));
  if (element.localName === 'mfrac') {
    const above = element.firstElementChild?.getBoundingClientRect();
    const below = element.lastElementChild?.getBoundingClientRect();
    if (above && below) {
      const y = (above.bottom + below.top) / 2 - origin.top;
      add(make('line', { x1: place.x, x2: place.x + place.width, y1: y, y2: y, stroke: style.color, 'stroke-width': 1 }));
    }
  }
  for (const child of element.childNodes) {
    if (child instanceof Element) draw(child, parts, origin);
    else if (child instanceof Text) {
      // A variable of one letter is set in italics by the browser, not by a style.
      const isVariable = element.localName === 'mi' && (child.textContent ?? '').trim().length === 1;
      for (const line of linesOf(child)) {
        const text = textOf(line, style, origin);
        if (element.localName === 'mo') stretch(text, box, origin, style);
        if (isVariable) text.setAttribute('font-style', 'italic');
        add(text, line.top - origin.top, line.top + line.height - origin.top);
      }
    }
  }
}

/** Breaks a line of the caption where it is wider than the figure; a link may break anywhere. */
function wrapped(line: string, width: number, font: string): string[] {
  if (!ruler) return [line];
  ruler.font = font;
  const lines: string[] = [];
  let present = '';
  for (const word of line.split(' ')) {
    const longer = present === '' ? word : `${present} ${word}`;
    if (ruler.measureText(longer).width <= width) {
      present = longer;
      continue;
    }
    if (present !== '') lines.push(present);
    present = word;
    while (ruler.measureText(present).width > width && present.length > 1) {
      let fits = present.length - 1;
      while (fits > 1 && ruler.measureText(present.slice(0, fits)).width > width) fits--;
      lines.push(present.slice(0, fits));
      present = present.slice(fits);
    }
  }
  return [...lines, present];
}

/** What stands below a figure: the first line in bold. */
export type Caption = readonly [title: string, ...lines: string[]];

/** The picture of a canvas with the pixels of the page's screen twice over: cells stay sharp in every reader of SVG. */
function enlarged(canvas: HTMLCanvasElement, { width, height }: DOMRect): string {
  const copy = document.createElement('canvas');
  copy.width = Math.round(2 * width);
  copy.height = Math.round(2 * height);
  const context = copy.getContext('2d');
  if (!context) return canvas.toDataURL();
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, copy.width, copy.height);
  return copy.toDataURL();
}

/** One group for all that stands together, moved up over the empty strips above it; and where the last one ends. */
function withoutGaps(parts: readonly Part[], margin: number): { groups: SVGElement[]; bottom: number } {
  const stacks: { from: number; node: SVGElement }[] = [];
  let end = margin;
  let shift = 0;
  for (const { top, bottom } of [...parts].sort((a, b) => a.top - b.top)) {
    const gap = top - end;
    if (stacks.length === 0 || gap > widestGap) {
      shift += stacks.length === 0 ? gap : gap - closedGap;
      stacks.push({ from: top, node: make('g', { transform: `translate(0 ${-round(shift)})` }) });
      end = top;
    }
    end = Math.max(end, bottom);
  }
  // in the order in which they are drawn: what lies above stays above
  for (const { node, top } of parts) stacks.findLast(({ from }) => from <= top)?.node.append(node);
  return { groups: stacks.map(({ node }) => node), bottom: end - shift };
}

/**
 * Widths at which a figure is drawn, in pixels: at the first its smallest words, of 12.5 px, are 5.8 points in a paper's column of 8.5 cm,
 * and three times as large on a slide. The others are for what has no room there.
 */
const widths = [520, 680, 840];

/** Two frames: the charts have measured their new place, and are drawn again. A hidden page has none. */
const redrawn = (): Promise<unknown> =>
  Promise.race([
    new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    new Promise((resolve) => setTimeout(resolve, 300)),
  ]);

/** Lays a figure out as narrow as it can be, but no narrower than `narrowest`, lets it be drawn, and puts it back. Its `data-exporting` is for the style sheets. */
export async function laidOut<T>(figure: HTMLElement, draw: () => T, narrowest = 0): Promise<T> {
  const before = figure.style.cssText;
  const present = figure.getBoundingClientRect().width;
  try {
    figure.dataset['exporting'] = '';
    for (const width of widths.filter((each) => each >= narrowest && each < present)) {
      figure.style.cssText = `${before}; width: ${width}px; min-width: 0; max-width: none; flex: none; justify-self: start`;
      await redrawn();
      if (figure.scrollWidth <= width) return draw();
    }
    figure.style.cssText = before;
    await redrawn();
    return draw();
  } finally {
    figure.style.cssText = before;
    delete figure.dataset['exporting'];
  }
}

/** The figure as the text of an SVG file. */
export function figureSvg(element: Element, [title, ...lines]: Caption): string {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const padding = Number.parseFloat(style.paddingLeft) || 0;
  /** a figure without a card around it gets what a card would give it */
  const outside = padding > 0 ? 0 : 16;
  const margin = padding;
  const width = Math.ceil(box.width);
  const root = make('svg', { 'font-family': fontFamily });
  const name = make('title');
  name.textContent = title;
  const parts: Part[] = [];
  draw(element, parts, box, true);
  const { groups, bottom } = withoutGaps(parts, margin);

  const caption = make('g');
  const muted = themeColour('var(--ink-muted)');
  let y = Math.ceil(bottom) + 16;
  caption.append(make('line', { x1: margin, x2: width - margin, y1: y, y2: y, stroke: themeColour('var(--line)') }));
  y += 4;
  for (const [index, text] of [title, ...lines].entries()) {
    const weight = index === 0 ? '650' : '400';
    for (const part of wrapped(text, width - 2 * margin, `${weight} 13px ${fontFamily}`)) {
      y += 18;
      const line = make('text', { x: margin, y, 'font-size': '13px', 'font-weight': weight, fill: index === 0 ? style.color : muted });
      line.textContent = part;
      caption.append(line);
    }
  }
  const height = y + margin;
  const size = { width: width + 2 * outside, height: height + 2 * outside };
  attributesOf(root, { ...size, viewBox: `${-outside} ${-outside} ${size.width} ${size.height}` });
  root.append(name, make('rect', { x: -outside, y: -outside, ...size, fill: opaque(backgroundOf(element)).colour }), ...groups, caption);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlCharacters(new XMLSerializer().serializeToString(root))}\n`;
}

/** The value that a colour of the theme has at present. */
function themeColour(colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The colour behind an element. */
function backgroundOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (opaque(backgroundColor).alpha === '1' && backgroundColor !== 'transparent') return backgroundColor;
  }
  return 'rgb(255, 255, 255)';
}

/** Longest side of a PNG: browsers draw larger ones with seams, or not at all. */
const longestSide = 8192;

/** The figure as a PNG, with two pixels for each of the page's unless it is too long. */
export async function figurePng(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(2, longestSide / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(scale * image.naturalWidth);
    canvas.height = Math.round(scale * image.naturalHeight);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The browser could not make a PNG of this size.'))), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
