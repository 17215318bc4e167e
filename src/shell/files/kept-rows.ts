/** Rows of a reader's file that the page keeps: pairs are trained on, and responses shown, up to so many. */
export const keptRows = 1000;

/** Endings that a chooser of files offers: of everything that is read. */
export const readableFiles = '.jsonl,.json,.csv,.tsv,.txt,.log,.parquet,.gz,.zst,.zip,.npz,.npy,.safetensors';
