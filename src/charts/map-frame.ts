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

/** Ticks of an axis, 0 to 1 along it. */
export function ticksOf({ min, max, logarithmic }: AxisView): { value: number; at: number; text: string }[] {
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
