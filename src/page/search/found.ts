/** What a result of the search is. */
export type Kind = 'answer' | 'paper' | 'objective' | 'view' | 'lesson' | 'notebook';

/** Something that the page's search finds. */
export interface Found {
  readonly id: string;
  readonly kind: Kind;
  /** its heading in the list */
  readonly title: string;
  /** a line below it */
  readonly line: string;
  /** other words for it, which are not shown */
  readonly asked: string;
  /** from the page's folder, with its '#' where it is a place of the page */
  readonly address: string;
}
