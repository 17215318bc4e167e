import { captionOf } from './caption.ts';
import { figurePng, figureSvg, laidOut } from './figure-svg.ts';
import type { Figure } from './figures.ts';

/** Draws a figure as a PNG, with where it is from below it. */
export async function pictureOf({ title, drawn, narrowest, load }: Figure): Promise<Blob> {
  const caption = captionOf(title, await load());
  return figurePng(await laidOut(drawn, () => figureSvg(drawn, caption), narrowest));
}
