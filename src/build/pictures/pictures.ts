import { openEngine } from '../../train/engine.ts';
import { rooms } from '../rooms.ts';
import { drawClaims } from './claims.ts';
import { drawDisplacement } from './displacement.ts';
import { drawEntanglement } from './entanglement.ts';
import { drawGroups } from './groups.ts';
import { drawMap } from './map.ts';
import { drawModes } from './modes.ts';
import { drawObjectives } from './objectives.ts';
import { drawPairs } from './pairs.ts';
import { drawPapers } from './papers.ts';
import type { Draw } from './picture.ts';
import { pngOf } from './png.ts';
import { drawRun } from './run.ts';
import { drawSimplex } from './simplex.ts';
import { drawStop } from './stop.ts';

/** By the views' names; the rooms that have entries are drawn from their claims. What a view shows of the reader's own device no build can know: it has the picture of the first view. */
const drawn: Readonly<Record<string, Draw>> = {
  displacement: drawDisplacement,
  stop: drawStop,
  entanglement: drawEntanglement,
  modes: drawModes,
  groups: drawGroups,
  simplex: drawSimplex,
  map: drawMap,
  papers: drawPapers,
  answers: () => drawClaims(rooms.slice(0, 5).map(({ claim }) => [claim.study, claim.id])),
  objectives: drawObjectives,
  run: drawRun,
  pairs: drawPairs,
};

/** A view's picture as a file. */
export interface PictureFile {
  readonly id: string;
  readonly alt: string;
  readonly png: Uint8Array;
}

/** Trains and draws the pictures of all views, on the CPU engine. */
export async function drawPictures(): Promise<PictureFile[]> {
  const engine = await openEngine({ backend: 'cpu' });
  try {
    const files: PictureFile[] = [];
    const ofRooms = rooms.map(({ room, claim }): readonly [string, Draw] => [room, () => drawClaims([[claim.study, claim.id]])]);
    for (const [id, draw] of [...Object.entries(drawn), ...ofRooms]) {
      const { drawing, alt } = await draw(engine);
      files.push({ id, alt, png: pngOf(drawing.pixels) });
    }
    return files;
  } finally {
    engine.dispose();
  }
}
