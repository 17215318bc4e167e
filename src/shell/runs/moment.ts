/** Something that happens at a step of a run, and the numbers that made it happen. */
export interface Moment {
  readonly step: number;
  readonly title: string;
  /** '_x' is a subscript */
  readonly words: string;
}

/** A pull below this share of its start has done most of what it will do. */
export const saturated = 0.1;
