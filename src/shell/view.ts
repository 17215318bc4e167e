import type { Component } from 'svelte';
import type { PageEngine } from './engine/page-engine.ts';
import type { PageEngineOwner } from './engine/page-engine-owner.svelte.ts';
import type { SharedExperiment, Sharing } from './experiment/shared-experiment.ts';
import type { LinkFields, LinkReader } from './links/link.ts';
import type { Control } from './teach/controls.ts';
import type { Lesson } from './teach/lesson.ts';

/** A part of a view that a link can hide, or lock where it has controls. Names stay: links hold them. */
export interface ViewPart {
  readonly id: string;
  /** what a teacher reads */
  readonly title: string;
  /** it has nothing that a reader operates */
  readonly isReadOnly?: boolean;
}

/** A way to see what another view shows. */
export interface ViewLink {
  /** without '#' */
  readonly hash: string;
  readonly title: string;
}

/** What a view asks of the page beyond itself: views know one another by name only. */
export interface Doors {
  /** what the views about the toy train, as the reader has changed it in any of them */
  readonly experiment: SharedExperiment;
  /** The hash of a link to another view, without '#', with these of its settings in the link's own words. */
  linkTo(view: string, run: LinkFields['run']): string;
  /** Opens another view, with these of its settings changed. */
  openView(view: string, change: object): Promise<void>;
  /** Trains the page's toy with an objective of the catalogue. */
  trainWith(objective: string): void;
  /** Links to views that show the toys of claims, by the claims' names. */
  claimLinks(): Promise<Readonly<Record<string, ViewLink>>>;
}

/** What the page hands to a view's state when it is opened. */
export interface Given {
  readonly engine: PageEngineOwner;
  /** no animation unless the reader asks for it */
  readonly calm: boolean;
  /** what a change of the view's settings leaves as it is */
  readonly keep: <S extends object>(next: S, present: S) => S;
  /** the link that opens the view; null: as it comes */
  readonly reader: LinkReader | null;
}

/** The state of a view, and how the page deals with it. */
export interface ViewState<Lab> {
  readonly lab: Lab;
  /** what the link holds of it */
  readonly fields: () => LinkFields;
  readonly restore: (reader: LinkReader) => void;
  /** another view changes settings; left out where none does */
  readonly change?: (change: object) => void;
  /** its part in the experiment that views share; left out where it shows nothing of it */
  readonly sharing?: Sharing;
  /** nobody sees the view, or somebody does again */
  readonly setHidden?: (hidden: boolean) => void;
  /** takes the last change back: a getter; null where there is none */
  readonly undo?: (() => void) | null;
  /** it holds files of the reader's, which no link keeps */
  readonly holdsFiles?: () => boolean;
  /** another engine is there; resolves when the view has let go of the one before */
  readonly changeEngine?: () => Promise<void> | void;
}

/** What a view's component is given. */
export interface ViewProps<Lab> {
  readonly lab: Lab;
  /** null before one has been opened */
  readonly engine: PageEngine | null;
  readonly doors: Doors;
}

/** What is fetched when a view is opened first. */
export interface OpenedView<Lab> {
  readonly open: (given: Given) => ViewState<Lab> | Promise<ViewState<Lab>>;
  readonly component: Component<ViewProps<Lab>>;
}

/** The questions that the page's views answer, in the order of its head. A question is also the route of its own page, where it has one. */
export const questions = ['why', 'stop', 'mine'] as const;
export type Question = (typeof questions)[number];

/** What other sites show of a link to a room of a view. */
export interface RoomEntry {
  /** its place in links: 'answer/beta' */
  readonly room: string;
  readonly title: string;
  readonly summary: string;
  /** the claim whose shipped values are its picture */
  readonly claim: { readonly study: string; readonly id: string };
}

/** Everything that the page knows of a view before it is opened. The view's folder holds the rest; `page/views.ts` lists the records. */
export interface View<Id extends string, Lab> {
  /** its name in links of versions 1 and 2, and in `lesson=` of all: it stays */
  readonly id: Id;
  /** its place in links since version 3, as in `#/why/tug`: it stays, too. No two views have the same */
  readonly route: string;
  /** places below this one are its rooms, of which links name one */
  readonly rooms?: string;
  /** rooms that have an address without '#' of their own, as views have: `<room>/`; asked for by the build and by who shares a link */
  readonly roomEntries?: () => Promise<readonly RoomEntry[]>;
  /** views that it has taken the place of: it opens their links */
  readonly formerly?: readonly { readonly id: string; readonly route: string }[];
  /** the question that it is another way to answer; null: it is reached from the menu */
  readonly answers: Question | null;
  readonly title: string;
  /** its name among the ways to see its question; left out where that is the title */
  readonly way?: string;
  readonly parts: readonly ViewPart[];
  /** those of its parts that are its picture, with what plays it; left out where it cannot do without the others */
  readonly picture?: readonly string[];
  /** single controls of its parts, which a link can hide or lock */
  readonly controls?: readonly Control[];
  /** the notebook that goes on where it ends, by its file's name */
  readonly notebook?: string;
  /** the page says below it what trains; left out where the view says so itself, or trains nothing */
  readonly isUnderBadge?: boolean;
  readonly lesson?: { readonly title: string; readonly load: () => Promise<Lesson<Lab>> };
  readonly load: () => Promise<OpenedView<Lab>>;
  /** has a GPU compile what the view needs first, while the reader is at another; left out where that takes no time */
  readonly ahead?: (engine: Pick<PageEngine, 'prepareSweep'>, experiment: SharedExperiment) => Promise<void>;
}

/** A view of which the page knows nothing but the record. Only what one record gives is ever put together: see `anyView`. */
export type AnyView = View<string, unknown>;

/** Forgets which lab it is that a view's opener makes and its component and lesson take: the same one, whatever it is. */
export const anyView = <Id extends string>(view: Omit<AnyView, 'load' | 'lesson'> & { readonly id: Id }): AnyView & { readonly id: Id } =>
  view as unknown as AnyView & { readonly id: Id };

/** Nothing is kept in links by a view without settings. */
export const noFields: LinkFields = { run: {}, look: {} };

/** The state of a view that has none. */
export const stateless: ViewState<null> = { lab: null, fields: () => noFields, restore: () => {} };
