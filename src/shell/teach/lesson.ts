import type { Phrase } from '../controls/phrase.ts';

/** A piece of the text; one that acts is a button in it. */
export type Piece<Lab> = string | Phrase | { readonly text: string; readonly act: (lab: Lab) => void };

/** What the reader predicts before the engine shows it. */
export interface Prediction<Lab> {
  readonly question: string;
  readonly options: readonly string[];
  /** the option that the engine's numbers bear out; null before they are there */
  readonly outcome: (lab: Lab) => number | null;
  /** what happened, with its numbers */
  readonly told: (lab: Lab) => readonly Piece<Lab>[];
  /** parts that would give the answer away */
  readonly conceals?: readonly string[];
  /** shows in the picture which option was guessed; null: none */
  readonly mark?: (lab: Lab, option: number | null) => void;
}

export interface LessonStep<Lab> {
  readonly title: string;
  readonly words: (lab: Lab) => readonly Piece<Lab>[];
  /** what the reader does */
  readonly task?: (lab: Lab) => readonly Piece<Lab>[];
  /** where to look */
  readonly part?: string;
  /** parts and single controls that the reader does it with */
  readonly uses?: readonly string[];
  /** sets the stage, and trains what the steps before would have trained */
  readonly begin?: (lab: Lab) => void;
  readonly predict?: Prediction<Lab>;
  /** the reader has done it; a prediction is done when it is told */
  readonly done?: (lab: Lab) => boolean;
}

/** What a step needs to be shown, whatever a link hides. */
export const needsOf = <Lab>({ part, uses = [] }: LessonStep<Lab>): readonly string[] => [...new Set([...(part ? [part] : []), ...uses])];

/** How the lesson's row plays the run of its view. It opens with the guess. */
export interface Transport<Lab> {
  /** parts of the view that the row stands in for */
  readonly parts: readonly string[];
  readonly play: (lab: Lab) => void;
  readonly pause: (lab: Lab) => void;
  readonly isPlaying: (lab: Lab) => boolean;
  /** the step that is shown, of how many */
  readonly progress: (lab: Lab) => { readonly step: number; readonly steps: number };
}

/** A guided sequence about a view, whose steps complete when the reader does the thing. It reads and operates the view's lab. */
export interface Lesson<Lab> {
  readonly steps: readonly LessonStep<Lab>[];
  /** Puts the reader's own run aside. What it returns brings that back, with nothing of the lesson's. */
  readonly aside: (lab: Lab) => () => void;
  /** Has that run wait at its start, after the lesson was closed; left out where it stands by itself. */
  readonly rest?: (lab: Lab) => void;
  /** left out where the run needs nobody to play it */
  readonly transport?: Transport<Lab>;
}

/** Parts and single controls that a step of the lesson is done with: a guess is told by playing. */
export const doneWith = <Lab>(
  { transport }: Pick<Lesson<Lab>, 'transport'>,
  { uses = [], predict }: LessonStep<Lab>,
): readonly string[] => [...uses, ...(predict ? (transport?.parts ?? []) : [])];
