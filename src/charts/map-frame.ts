import { scaleLinear, scaleLog } from 'd3';

/** One axis of a map as it is drawn. */
export interface AxisView {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly logarithmic: boolean;
}

/** RGBA pixels, row 0 at the lower end of y. */
export interface Picture {
  readonly columns: number;
  readonly rows: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

const isDecade = (value: number): boolean => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

interface Tick {
  readonly value: number;
  /** 0 to 1 along the axis */
  readonly at: number;
  readonly text: string;
}

/** Ticks of an axis of so many pixels, as many as stand apart: each has a text of a size. */
export function ticksOf(axis: AxisView, length: number, sizeOf: (text: string) => number): Tick[] {
  const all = allTicksOf(axis);
  const areApart = (ticks: readonly Tick[]): boolean =>
    ticks.every(({ at, text }, place) => {
      const next = ticks[place + 1];
      return !next || (next.at - at) * length >= (sizeOf(text) + sizeOf(next.text)) / 2;
    });
  for (let every = 1; every < all.length; every++) {
    const some = all.filter((_, place) => place % every === 0);
    if (areApart(some)) return some;
  }
  return all.slice(0, 1);
}

function allTicksOf({ min, max, logarithmic }: AxisView): Tick[] {
  const scale = (logarithmic ? scaleLog : scaleLinear)().domain([min, max]).range([0, 1]);
  const decades = logarithmic ? scale.ticks().filter(isDecade) : [];
  // An axis within a decade or two has ticks between the powers of ten.
  const values = logarithmic && decades.length > 1 ? decades : scale.ticks(logarithmic ? 4 : 6);
  return values.map((value) => ({ value, at: scale(value), text: String(Number(value.toPrecision(4))) }));
}

/** Draws a picture into a canvas of its size: canvases count rows downwards. */
export function paintPicture(canvas: HTMLCanvasElement, { columns, rows, pixels }: Picture): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(columns, rows);
  for (let row = 0; row < rows; row++)
    image.data.set(pixels.subarray(4 * columns * row, 4 * columns * (row + 1)), 4 * columns * (rows - 1 - row));
  context.putImageData(image, 0, 0);
}
