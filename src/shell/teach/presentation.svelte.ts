import { createContext } from 'svelte';
import type { LinkReader, ViewId } from '../links/link.ts';
import { type ControlId, controls, keepLocked, lockedWith } from './controls.ts';
import { type PartId, parts } from './parts.ts';

export const lessonIds = ['displacement', 'entanglement', 'modes'] as const;
/** A part of a view, or a single control of one. */
export type PresentedId = PartId | ControlId;
export type LessonId = (typeof lessonIds)[number];

/** How the page is presented: what a teacher put into the link. */
export interface PresentationState {
  /** inside another page: without the head */
  readonly embed: boolean;
  /** larger, for the back of a room */
  readonly projector: boolean;
  readonly hidden: readonly PresentedId[];
  /** shown, and left as they are */
  readonly locked: readonly PresentedId[];
  readonly lesson: { readonly id: LessonId; readonly step: number } | null;
}

export const plainPresentation: PresentationState = { embed: false, projector: false, hidden: [], locked: [], lesson: null };

/** The fields of a link, of what is not the default. */
export function writePresentation({ embed, projector, hidden, locked, lesson }: PresentationState): Record<string, string> {
  return {
    ...(embed ? { embed: '1' } : {}),
    ...(projector ? { projector: '1' } : {}),
    ...(hidden.length > 0 ? { hide: hidden.join(' ') } : {}),
    ...(locked.length > 0 ? { lock: locked.join(' ') } : {}),
    ...(lesson ? { lesson: lesson.id, ...(lesson.step > 0 ? { part: String(lesson.step + 1) } : {}) } : {}),
  };
}

/** Most steps that a lesson has. */
const longestLesson = 20;

function readPresented(reader: LinkReader, key: 'hide' | 'lock'): PresentedId[] {
  const named = new Set((reader.take(key) ?? '').split(' ').filter(Boolean));
  const able = [...parts.filter(({ lockable }) => key === 'hide' || lockable), ...controls];
  const known = able.filter(({ id }) => named.has(id)).map(({ id }) => id);
  for (const name of named)
    if (!known.some((id) => id === name)) reader.refuse(key, name, `This page has no part or control of that name that a link can ${key}.`);
  return known;
}

export function readPresentation(reader: LinkReader): PresentationState {
  const lesson = reader.choice('lesson', lessonIds);
  const step = reader.number('part', { min: 1, max: longestLesson, integer: true });
  return {
    embed: reader.choice('embed', ['1']) !== null,
    projector: reader.choice('projector', ['1']) !== null,
    hidden: readPresented(reader, 'hide'),
    locked: readPresented(reader, 'lock'),
    lesson: lesson && { id: lesson, step: (step ?? 1) - 1 },
  };
}

/** The presentation of the open page. */
export class Presentation {
  #state = $state.raw<PresentationState>(plainPresentation);
  /** what a lesson speaks of */
  #pointed = $state<PartId | null>(null);
  /** what would give a lesson's answer away */
  #concealed = $state.raw<readonly PartId[]>([]);
  /** a lesson or a link sets the stage, whatever is locked */
  #isStaging = false;

  get state(): PresentationState {
    return this.#state;
  }
  change(change: Partial<PresentationState>): void {
    this.#state = { ...this.#state, ...change };
  }
  hides(id: PresentedId): boolean {
    return this.#state.hidden.includes(id) || this.#concealed.some((part) => part === id);
  }
  locks(id: PresentedId): boolean {
    return this.#state.locked.includes(id) || lockedWith(this.#state.locked, id);
  }
  /** The settings of a view after a change to `next`: what locked controls set is as it was in `present`. */
  keep<S extends object>(view: ViewId, next: S, present: S): S {
    return this.#isStaging ? next : keepLocked(view, this.#state.locked, next, present);
  }
  /** Sets the stage of a lesson or a link, with what is locked on it. */
  stage(set: () => void): void {
    this.#isStaging = true;
    try {
      set();
    } finally {
      this.#isStaging = false;
    }
  }
  get pointed(): PartId | null {
    return this.#pointed;
  }
  point(id: PartId | null): void {
    this.#pointed = id;
  }
  conceal(ids: readonly PartId[]): void {
    this.#concealed = ids;
  }
}

const [given, providePresentation, isGiven] = createContext<Presentation>();

export { providePresentation };

/** The page's presentation, for the parts of a view; a view on its own, in a notebook, shows everything. */
export const presentationOfPage = (): Presentation => (isGiven() ? given() : new Presentation());
