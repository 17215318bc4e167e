import type { Engine } from '../../train/engine.ts';
import { themeColour } from './colours.ts';
import { Drawing } from './drawing.ts';

/** What a picture on another site's card should measure, in pixels. */
export const size = { width: 1200, height: 630 } as const;

/** What stands beside a link elsewhere. */
export interface Picture {
  readonly drawing: Drawing;
  /** what is seen, in a sentence, for who does not see it */
  readonly alt: string;
}

/** Draws what a view shows as it begins, from a run of the engine's. */
export type Draw = (engine: Engine) => Promise<Picture>;

export const emptyDrawing = (): Drawing => new Drawing(size.width, size.height, themeColour('surface-raised'));

/** A probability in words. */
export const percentText = (share: number): string => `${Math.round(100 * share)} %`;
