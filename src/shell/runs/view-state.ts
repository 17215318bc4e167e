import type { Session } from '../../views/displacement/session.svelte.ts';
import type { LinkFields, LinkReader } from '../links/link.ts';

/** What the page hands to a view's state when it is opened. */
export interface Given {
  readonly session: Session;
  /** no animation unless the reader asks for it */
  readonly calm: boolean;
  /** what a change of the view's settings leaves as it is */
  readonly keep: <S extends object>(next: S, present: S) => S;
  /** the link that opens the view; null: as it comes */
  readonly reader: LinkReader | null;
}

/** The state of a view, fetched when the view is opened first, and how the page deals with it. */
export interface ViewState<Lab> {
  readonly lab: Lab;
  readonly fields: () => LinkFields;
  readonly restore: (reader: LinkReader) => void;
  /** nobody sees the view, or somebody does again */
  readonly setHidden?: (hidden: boolean) => void;
  readonly changeEngine?: () => void;
}
