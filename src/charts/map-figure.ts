import { type AxisView, type Picture, paintPicture, ticksOf } from './map-frame.ts';

/** One map of a figure. */
export interface FigureMap {
  readonly title: string;
  readonly picture: Picture;
  /** paths over the unit square, y upwards */
  readonly boundary: { readonly chosen: string | null; readonly rejected: string | null } | null;
}

/** Maps over one plane, with all that a reader needs to make them again. */
export interface MapFigure {
  readonly maps: readonly FigureMap[];
  readonly x: AxisView;
  readonly y: AxisView;
  /** colours and what they stand for */
  readonly legend: readonly { readonly colour: string; readonly text: string }[];
  readonly caption: readonly string[];
}

const side = 380;
const left = 70;
const top = 36;
const gap = 24;
const line = 20;
const paper = '#ffffff';
const ink = '#12161c';
const muted = '#525c69';

interface TextStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly colour?: string;
  /** turned a quarter to the left */
  readonly upright?: boolean;
}

/** What a figure is drawn with. */
interface Pen {
  rect(x: number, y: number, width: number, height: number, colour: string): void;
  text(x: number, y: number, text: string, style?: TextStyle): void;
  tick(x1: number, y1: number, x2: number, y2: number): void;
  picture(picture: Picture, x: number, y: number): void;
  /** a path over the unit square, y upwards, in the square at (x, y) */
  boundary(path: string, x: number, y: number, dash: string): void;
}

const tall = ({ legend, caption }: MapFigure) => top + side + 62 + line * (legend.length + caption.length) + 16;
const wide = ({ maps }: MapFigure) => maps.length * (left + side + gap);

function draw(pen: Pen, figure: MapFigure): void {
  pen.rect(0, 0, wide(figure), tall(figure), paper);
  for (const [index, { title, picture, boundary }] of figure.maps.entries()) {
    const x = index * (left + side + gap) + left;
    pen.text(x, top - 12, title, { bold: true, size: 15 });
    pen.picture(picture, x, top);
    if (boundary?.chosen) pen.boundary(boundary.chosen, x, top, '7 5');
    if (boundary?.rejected) pen.boundary(boundary.rejected, x, top, '2 4');
    for (const { at, text } of ticksOf(figure.x)) {
      pen.tick(x + at * side, top + side, x + at * side, top + side + 5);
      pen.text(x + at * side, top + side + 19, text, { anchor: 'middle', colour: muted });
    }
    for (const { at, text } of ticksOf(figure.y)) {
      pen.tick(x - 5, top + (1 - at) * side, x, top + (1 - at) * side);
      pen.text(x - 8, top + (1 - at) * side + 4, text, { anchor: 'end', colour: muted });
    }
    pen.text(x + side / 2, top + side + 40, figure.x.label, { anchor: 'middle', size: 14 });
    pen.text(x - left + 16, top + side / 2, figure.y.label, { anchor: 'middle', size: 14, upright: true });
  }
  let y = top + side + 68;
  for (const { colour, text } of figure.legend) {
    pen.rect(left, y - 11, 14, 14, colour);
    pen.text(left + 22, y, text);
    y += line;
  }
  for (const text of figure.caption) {
    pen.text(left, y, text, { colour: muted });
    y += line;
  }
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const family = 'system-ui, sans-serif';

/** The figure as an SVG document. */
export function figureSvg(figure: MapFigure): string {
  const parts: string[] = [];
  const [width, height] = [wide(figure), tall(figure)];
  draw(
    {
      rect: (x, y, w, h, colour) => parts.push(`<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${colour}"/>`),
      text: (x, y, text, { size = 12, bold = false, anchor = 'start', colour = ink, upright = false } = {}) =>
        parts.push(
          `<text transform="translate(${x} ${y})${upright ? ' rotate(-90)' : ''}" font-size="${size}" text-anchor="${anchor}" fill="${colour}"${bold ? ' font-weight="700"' : ''}>${escaped(text)}</text>`,
        ),
      tick: (x1, y1, x2, y2) => parts.push(`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${muted}"/>`),
      picture: (picture, x, y) => {
        const canvas = document.createElement('canvas');
        paintPicture(canvas, picture);
        parts.push(
          `<image x="${x}" y="${y}" width="${side}" height="${side}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${canvas.toDataURL('image/png')}"/>`,
        );
      },
      boundary: (path, x, y, dash) =>
        parts.push(
          `<svg x="${x + 2}" y="${y + 2}" width="${side - 4}" height="${side - 4}" viewBox="2 2 ${side - 4} ${side - 4}"><g transform="translate(0 ${side}) scale(${side} ${-side})" fill="none">`,
          `<path d="${path}" stroke="#000000" stroke-width="4" vector-effect="non-scaling-stroke"/>`,
          `<path d="${path}" stroke="#ffffff" stroke-width="2" stroke-dasharray="${dash}" vector-effect="non-scaling-stroke"/></g></svg>`,
        ),
    },
    figure,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${family}">${parts.join('')}</svg>`;
}

/** The figure as a PNG, two pixels to a unit. */
export async function figurePng(figure: MapFigure): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const density = 2;
  canvas.width = density * wide(figure);
  canvas.height = density * tall(figure);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no canvas to draw the figure on.');
  context.scale(density, density);
  draw(
    {
      rect: (x, y, w, h, colour) => {
        context.fillStyle = colour;
        context.fillRect(x, y, w, h);
      },
      text: (x, y, text, { size = 12, bold = false, anchor = 'start', colour = ink, upright = false } = {}) => {
        context.save();
        context.translate(x, y);
        if (upright) context.rotate(-Math.PI / 2);
        context.font = `${bold ? 700 : 400} ${size}px ${family}`;
        context.textAlign = anchor === 'middle' ? 'center' : anchor;
        context.fillStyle = colour;
        context.fillText(text, 0, 0);
        context.restore();
      },
      tick: (x1, y1, x2, y2) => {
        context.strokeStyle = muted;
        context.beginPath();
        context.moveTo(x1, y1);
        context.lineTo(x2, y2);
        context.stroke();
      },
      picture: (picture, x, y) => {
        const source = document.createElement('canvas');
        paintPicture(source, picture);
        context.imageSmoothingEnabled = false;
        context.drawImage(source, x, y, side, side);
      },
      boundary: (path, x, y, dash) => {
        context.save();
        context.beginPath();
        context.rect(x + 2, y + 2, side - 4, side - 4);
        context.clip();
        const placed = new Path2D();
        placed.addPath(new Path2D(path), new DOMMatrix([side, 0, 0, -side, x, y + side]));
        context.strokeStyle = '#000000';
        context.lineWidth = 4;
        context.stroke(placed);
        context.strokeStyle = '#ffffff';
        context.lineWidth = 2;
        context.setLineDash(dash.split(' ').map(Number));
        context.stroke(placed);
        context.restore();
      },
    },
    figure,
  );
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The figure could not be made a PNG.'))), 'image/png');
  });
}
