import { type ToySettings, toyStart } from '../../atlas/toys/no-over-never.ts';
import { toyFields } from '../../shell/links/experiment-link.ts';
import { optional, shownStep, table, viewLink } from '../../shell/links/fields.ts';
import { writeLink } from '../../shell/links/link.ts';
import { pastField } from '../../shell/links/past-link.ts';
import { objectiveAt } from '../../shell/losses/objective-link.ts';
import type { PlayerLink } from '../../shell/runs/player.svelte.ts';
import { type PairSetSettings, pairSetFields } from './pair-set-link.ts';
import { displacementPlace } from './place.ts';
import { marksField, type TokenMarks } from './token-marks.ts';

/** What a link to the displacement view holds. */
export interface LinkState extends PlayerLink<ToySettings> {
  /** default: those that the page begins with */
  readonly marks?: TokenMarks;
  /** default: the set that the page begins with */
  readonly pairSet?: PairSetSettings;
}

const settings = table<ToySettings>({
  ...toyFields,
  // what trained a part of a forked run
  past: ({ steps, vectors }) =>
    optional(pastField(steps, table<Pick<ToySettings, 'objective'>>({ objective: objectiveAt(toyStart(vectors)) }))),
});

export const { read: readDisplacement, write: writeDisplacement } = viewLink(
  table<Omit<LinkState, 'step'>>({
    settings,
    marks: marksField,
    pairSet: optional(pairSetFields),
  }),
  shownStep,
);

/** Settings as text, the same for the same settings. */
export const writeToy = (settings: ToySettings): string => writeLink(displacementPlace.route, writeDisplacement({ settings, step: null }));
