import type { ReadOptions } from '../read-records.ts';

/** One record of a file, parsed; or what is wrong with it. */
export interface Row {
  /** line of the file on which it begins, or number of the row, from 1 */
  readonly line: number;
  /** its place in a JSON array, from 1: several may stand on one line */
  readonly element?: number;
  readonly value: Readonly<Record<string, unknown>> | null;
  /** why there is no value */
  readonly problem?: string;
  /** text between records, as a console prints it */
  readonly isText?: boolean;
  /** the step that a progress bar before it shows */
  readonly shown?: number;
}

/** A file's rows, whatever wrote them. */
export interface RowSource {
  /** how they are written, as in 'JSONL' */
  readonly syntax: string;
  /** what a place in the file is called */
  readonly unit: 'line' | 'row';
  /** the columns, where a header names them */
  readonly columns: readonly string[] | null;
  /** numbers may have decimal commas */
  readonly decimalComma: boolean;
  /** its first rows take long, and are held for who asks again: how far they are is told */
  readonly holdsFirst?: boolean;
  /** what was noticed as it was opened */
  readonly notes: readonly Note[];
  /** Hands on row after row, until it is answered false. */
  each(onRow: (row: Row) => boolean | undefined, options: ReadOptions): Promise<void>;
}

/** What was noticed in a file, for the reader. */
export interface Note {
  readonly kind: string;
  readonly text: string;
  readonly count?: number;
  /** lines (or rows) of the file, from 1: the first ones */
  readonly rows?: readonly number[];
}
