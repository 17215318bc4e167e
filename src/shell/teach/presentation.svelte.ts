import { createContext } from 'svelte';
import type { LinkReader } from '../links/link.ts';
import type { AnyView, ViewPart } from '../view.ts';
import { type Control, keepLocked, lockedWith } from './controls.ts';

/** The part of the page that no view has. Its name is that of its beginnings: links hold it. */
const head: ViewPart = { id: 'tabs', title: 'The questions and the other views', isReadOnly: true };

/** The parts of a view, and that of the head of the page. */
export const partsOf = ({ parts }: Pick<AnyView, 'parts'>): readonly ViewPart[] => [head, ...parts];

type Views = readonly Pick<AnyView, 'id' | 'parts' | 'controls' | 'lesson'>[];

const controlsOf = (views: Views): readonly Control[] => views.flatMap(({ controls = [] }) => controls);

/** How the page is presented: what a teacher put into the link. */
export interface PresentationState {
  /** inside another page: without the head */
  readonly embed: boolean;
  /** larger, for the back of a room */
  readonly projector: boolean;
  /** parts of views, and single controls of those */
  readonly hidden: readonly string[];
  /** shown, and left as they are */
  readonly locked: readonly string[];
  /** of the view of that name */
  readonly lesson: { readonly id: string; readonly step: number } | null;
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

function readPresented(reader: LinkReader, key: 'hide' | 'lock', views: Views): string[] {
  const named = new Set((reader.take(key) ?? '').split(' ').filter(Boolean));
  const parts = [head, ...views.flatMap((view) => view.parts)];
  const able = [...parts.filter(({ isReadOnly = false }) => key === 'hide' || !isReadOnly), ...controlsOf(views)];
  const known = able.filter(({ id }) => named.has(id)).map(({ id }) => id);
  for (const name of named)
    if (!known.includes(name)) reader.refuse(key, name, `This page has no part or control of that name that a link can ${key}.`);
  return known;
}

/** Reads what a link says of these views. */
export function readPresentation(reader: LinkReader, views: Views): PresentationState {
  const lesson = reader.choice(
    'lesson',
    views.filter((view) => view.lesson).map(({ id }) => id),
  );
  const step = reader.number('part', { min: 1, max: longestLesson, integer: true });
  return {
    embed: reader.choice('embed', ['1']) !== null,
    projector: reader.choice('projector', ['1']) !== null,
    hidden: readPresented(reader, 'hide', views),
    locked: readPresented(reader, 'lock', views),
    lesson: lesson === null ? null : { id: lesson, step: (step ?? 1) - 1 },
  };
}

/** How a page presents its views. */
export class Presentation {
  readonly #views: Views;
  readonly #controls: readonly Control[];
  #state = $state.raw<PresentationState>(plainPresentation);
  /** what a lesson speaks of */
  #pointed = $state<string | null>(null);
  /** what a lesson's step cannot do without: shown, whatever the link hides */
  #needed = $state.raw<readonly string[]>([]);
  /** what would give a lesson's answer away */
  #concealed = $state.raw<readonly string[]>([]);
  /** what opens with a lesson's guess */
  #held = $state.raw<readonly string[]>([]);
  /** brings back what a lesson has put aside, however it is left */
  bringBack: (() => void) | null = null;
  /** a lesson or a link sets the stage, whatever is locked */
  #isStaging = false;

  constructor(views: Views = []) {
    this.#views = views;
    this.#controls = controlsOf(views);
  }

  get state(): PresentationState {
    return this.#state;
  }
  change(change: Partial<PresentationState>): void {
    const { lesson } = this.#state;
    this.#state = { ...this.#state, ...change };
    if (lesson?.id === this.#state.lesson?.id) return;
    this.bringBack?.();
    this.bringBack = null;
  }
  hides(id: string): boolean {
    return (this.#state.hidden.includes(id) && !this.#needed.includes(id)) || this.#concealed.includes(id);
  }
  /**
   * Whether a section that holds these parts stands below a view's first screen. A lesson is one screen: there only what it speaks of does.
   */
  holdsSection(parts: readonly string[], isPointedAt: boolean): boolean {
    return this.#state.lesson === null ? parts.length === 0 || parts.some((id) => !this.hides(id)) : isPointedAt;
  }
  locks(id: string): boolean {
    return this.holds(id) || this.#state.locked.includes(id) || lockedWith(this.#controls, this.#state.locked, id);
  }
  /** The settings of a view after a change to `next`: what locked controls set is as it was in `present`. */
  keep<S extends object>(view: string, next: S, present: S): S {
    const { controls = [] } = this.#views.find(({ id }) => id === view) ?? {};
    return this.#isStaging ? next : keepLocked(controls, this.#state.locked, next, present);
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
  get pointed(): string | null {
    return this.#pointed;
  }
  point(id: string | null, needed: readonly string[] = []): void {
    this.#pointed = id;
    this.#needed = needed;
  }
  conceal(ids: readonly string[]): void {
    this.#concealed = ids;
  }
  /** it waits for a guess */
  holds(id: string): boolean {
    return this.#held.includes(id);
  }
  hold(ids: readonly string[]): void {
    this.#held = ids;
  }
}

const [given, providePresentation, isGiven] = createContext<Presentation>();

export { providePresentation };

/** The page's presentation, for the parts of a view; a view on its own, in a notebook, shows everything. */
export const presentationOfPage = (): Presentation => (isGiven() ? given() : new Presentation());
