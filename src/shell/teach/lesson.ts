import type { Session } from '../../views/displacement/session.svelte.ts';
import type { EntanglementLab } from '../../views/entanglement/entanglement.svelte.ts';
import type { ModesLab } from '../../views/modes/modes.svelte.ts';
import type { PartId } from './parts.ts';
import type { LessonId } from './presentation.svelte.ts';

/** What a lesson reads, and operates. */
export interface LessonPage {
  readonly session: Session;
  readonly entanglement: EntanglementLab;
  readonly modes: ModesLab;
}

/** A piece of the text; one that acts is a button in it. */
export type Piece = string | { readonly text: string; readonly act: (page: LessonPage) => void };

/** What the reader predicts before the engine shows it. */
export interface Prediction {
  readonly question: string;
  readonly options: readonly string[];
  /** the option that the engine's numbers bear out; null before they are there */
  readonly outcome: (page: LessonPage) => number | null;
  /** what happened, with its numbers */
  readonly told: (page: LessonPage) => readonly Piece[];
  /** parts that would give the answer away */
  readonly conceals: readonly PartId[];
}

export interface LessonStep {
  readonly title: string;
  readonly words: (page: LessonPage) => readonly Piece[];
  /** what the reader does */
  readonly task?: (page: LessonPage) => readonly Piece[];
  /** where to look */
  readonly part?: PartId;
  /** sets the stage */
  readonly begin?: (page: LessonPage) => void;
  readonly predict?: Prediction;
  /** the reader has done it; a prediction is done when it is told */
  readonly done?: (page: LessonPage) => boolean;
}

/** A guided sequence whose steps complete when the reader does the thing. */
export interface Lesson {
  readonly id: LessonId;
  readonly steps: readonly LessonStep[];
}
