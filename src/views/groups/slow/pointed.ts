/** Rows of numbers of a group's answers. */
export type NumberRow = 'answer' | 'reward' | 'advantage' | 'ratio' | 'push';

/** A number that the reader points at, in the picture or in the formula. */
export interface Pointed {
  /** of the group's answers */
  readonly index: number;
  readonly row: NumberRow;
}

export const isPointed = (pointed: Pointed | null, index: number, row: NumberRow): boolean =>
  pointed !== null && pointed.index === index && pointed.row === row;
