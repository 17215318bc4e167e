import { type ToySettings, toyStart } from '../../atlas/toys/displacement/no-over-never.ts';
import { comparedField } from '../../shell/links/compared-link.ts';
import { toyFields } from '../../shell/links/experiment-link.ts';
import { both, choice, type Field, named, optional, shownStep, table, text, viewLink } from '../../shell/links/fields.ts';
import { writeLink } from '../../shell/links/link.ts';
import { mayMoveField } from '../../shell/links/moving-link.ts';
import { pastField } from '../../shell/links/past-link.ts';
import { objectiveAt } from '../../shell/losses/objective-link.ts';
import type { PlayerLink } from '../../shell/runs/player.svelte.ts';
import { beforeField } from './before-link.ts';
import { groupField } from './group-link.ts';
import type { Group } from './groups.ts';
import { type PairSetSettings, pairSetFields } from './pair-set-link.ts';
import { type Lens, lenses } from './picture/lens/lenses.ts';
import { displacementPlace } from './place.ts';
import { marksField, type TokenMarks } from './token-marks.ts';

/** What a link to the displacement view holds. */
export interface LinkState extends PlayerLink<ToySettings> {
  /** default: those that the page begins with */
  readonly marks?: TokenMarks;
  /** default: none */
  readonly groups?: readonly Group[];
  /** default: the set that the page begins with */
  readonly pairSet?: PairSetSettings;
  /** what the run shows; default: what it says */
  readonly lens?: Lens;
  /** the run waits at its turn, which is the step shown, and goes no further yet; default: it is trained */
  readonly waits?: boolean;
  /** the run before a change, with which it is compared; default: none */
  readonly before?: ToySettings;
}

const settings = table<ToySettings>({
  ...toyFields,
  objective: ({ vectors }) => objectiveAt(toyStart(vectors), true),
  sync: mayMoveField,
  // what trained a part of a forked run
  past: ({ steps, vectors }) =>
    optional(pastField(steps, table<Pick<ToySettings, 'objective'>>({ objective: objectiveAt(toyStart(vectors), true) }))),
});

const waits = named<boolean>([
  ['no', false],
  ['yes', true],
]);

const compared = table<Pick<LinkState, 'before' | 'runs'>>({ before: beforeField(settings), runs: comparedField(settings) });

type Look = 'before' | 'runs' | 'lens' | 'waits';

const other = table<Pick<LinkState, 'lens' | 'waits'>>({
  lens: optional(choice('lens', lenses, lenses[0])),
  waits: optional(text('waits', waits, false)),
});
/** What is looked at: a change of it is no step in the browser's history. */
const lookOf = (run: { readonly settings: ToySettings }): Field<Pick<LinkState, 'step' | Look>> =>
  both(both(compared, shownStep(run)), other);

export const { read: readDisplacement, write: writeDisplacement } = viewLink(
  table<Omit<LinkState, 'step' | Look>>({
    settings,
    marks: marksField,
    groups: groupField,
    pairSet: optional(pairSetFields),
  }),
  lookOf,
);

/** Settings as text, the same for the same settings. */
export const writeToy = (settings: ToySettings): string => writeLink(displacementPlace.route, writeDisplacement({ settings, step: null }));
