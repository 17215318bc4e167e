/** The beginning of a text from the reader's file: one "word" of it may be a megabyte long. */
export const clip = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text);

/** A number of things, with its thousands apart. */
export const count = new Intl.NumberFormat('en').format;
