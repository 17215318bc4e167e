import { DataFileError, passOf, type ReadOptions } from '../read-records.ts';
import type { Note, RowSource } from '../rows/row-source.ts';
import { textRows } from '../rows/text-rows.ts';
import { type NamedArray, npyArray, npzArrays, safetensorsArrays } from './arrays.ts';
import { encodingOf } from './encoding.ts';
import {
  binaryKindOf,
  type Foreign,
  ForeignFileError,
  foreignOf,
  kerasFile,
  lockedArchive,
  openDocument,
  pickle,
  torchFile,
  workbook,
  zipArchive,
} from './foreign.ts';
import { unpack } from './unpack.ts';
import { type ZipEntry, zipEntries } from './zip.ts';

/** What a file was found to be, before a row of it is read. */
export type OpenedFile =
  | { readonly rows: RowSource; readonly notes: readonly Note[] }
  | { readonly arrays: readonly NamedArray[]; readonly format: string; readonly notes: readonly Note[] };

const HEAD_BYTES = 512;
/** Shares of a file's progress that unpacking it and telling its encoding take. */
const [UNPACKED, CHECKED] = [0.4, 0.15];

/** Rows that are read after another pass over the file. */
const later = (rows: RowSource, from: number): RowSource => ({
  ...rows,
  each: (onRow, options) => rows.each(onRow, passOf(options, from, 1)),
});

/** What is in a packed file, opened. */
async function openPacked(blob: Blob, kind: 'gzip' | 'zstd' | 'deflate-raw', options: ReadOptions, depth: number): Promise<OpenedFile> {
  const unpacked = await unpack(blob, kind, passOf(options, 0, UNPACKED));
  const inner = await openFile(unpacked, passOf(options, UNPACKED, 1), depth + 1);
  return 'rows' in inner ? { ...inner, rows: later(inner.rows, UNPACKED) } : inner;
}
/** Archives in archives that are opened. */
const MAX_DEPTH = 3;

const SCRIPT = {
  looks: /^\s*(?:import [\w.]+(?:$|\s*(?:,|as )|\n)|from [\w.]+ import |def \w+\(|class \w+[(:]|#!.*python)/,
  format: 'a Python script',
};
const NOTEBOOK =
  'The file is a Jupyter notebook, and no cell of it has printed the numbers of a run. Open the log itself, or paste what the trainer printed.';
/** A notebook is a document of JSON, and is parsed whole. */
const IS_NOTEBOOK = /^\s*\{\s*"(?:cells|nbformat|nbformat_minor|metadata)"\s*:/;
const MAX_NOTEBOOK = 64 << 20;
const IS_HTML = /^\s*(?:<!doctype html|<html|<table|<div)/i;

/** What a notebook or a page shows of a run, as a text of its own; null where it shows none. */
async function shownIn(blob: Blob, head: string, charset: string): Promise<{ readonly text: string; readonly note: Note } | null> {
  if (blob.size > MAX_NOTEBOOK) return null;
  if (IS_NOTEBOOK.test(head)) {
    const { notebookLog } = await import('./notebook.ts');
    const text = notebookLog(new TextDecoder(charset).decode(await blob.arrayBuffer()));
    return text === null ? null : { text, note: { kind: 'notebook', text: 'Read from what the cells of the notebook have printed.' } };
  }
  if (!IS_HTML.test(head)) return null;
  const { logTable } = await import('./html-tables.ts');
  const text = logTable(new TextDecoder(charset).decode(await blob.arrayBuffer()));
  return text === null ? null : { text, note: { kind: 'html', text: 'Read from the table of an HTML page.' } };
}

const TEXT_KINDS: readonly ({ readonly looks: RegExp } & Foreign)[] = [
  { looks: /^\((?:l|d|i|c)p?\d*\n/, ...pickle },
  { looks: /^\s*(?:<!doctype html|<html)/i, format: 'an HTML page' },
  { looks: /^\s*<\?xml|^\s*<[a-z]+[\s>]/i, format: 'XML' },
  { looks: /^version https:\/\/git-lfs/, format: 'a pointer of Git LFS, not the file itself' },
  SCRIPT,
  {
    looks: /^---\s*\n|^[\w-]+:\s*(?:\n|[^\n]*\n[\w-]+:)|^- [\w-]+:/,
    format: 'YAML',
    convert: 'import json, yaml; print(*map(json.dumps, yaml.safe_load(open("data.yaml"))), sep="\\n", file=open("data.jsonl", "w"))',
  },
  { looks: /^[^\n]*\n[\s\S]*?Traceback \(most recent call last\)/, format: 'a console’s text, and no metrics in it' },
];

const UTF8 = { charset: 'utf-8', name: null, damaged: false } as const;
/** Its first and its last characters. */
const endsOf = async (blob: Blob): Promise<string> => `${await blob.slice(0, 4096).text()}\n${await blob.slice(-4096).text()}`;

async function openText(blob: Blob, options: ReadOptions): Promise<OpenedFile> {
  const encoding = await encodingOf(blob, passOf(options, 0, CHECKED));
  if (!encoding)
    throw new ForeignFileError(
      { format: 'text in an unknown encoding, or binary data', convert: 'iconv -f <its encoding> -t utf-8 data.jsonl > utf8.jsonl' },
      'The file is neither UTF-8 nor a text in an encoding that is recognised; it is not guessed at.',
    );
  const head = new TextDecoder(encoding.charset).decode(await blob.slice(0, 4096).arrayBuffer());
  const shown = await shownIn(blob, head, encoding.charset);
  const isNotebook = IS_NOTEBOOK.test(head) && (shown !== null || /"nbformat"/.test(await endsOf(blob)));
  const rows = shown
    ? await textRows(new Blob([shown.text]), UTF8)
    : isNotebook || SCRIPT.looks.test(head)
      ? null
      : await textRows(blob, encoding);
  if (!rows) {
    if (head.trim() === '') throw new DataFileError('The file is empty. Open a file with one JSON object on each line.');
    const control = head.match(/(?!\s)\p{Cc}/gu)?.length ?? 0;
    if (control > head.length / 20)
      throw new ForeignFileError({ format: 'binary data of an unknown kind' }, 'The file is binary data of an unknown kind.');
    const kind = TEXT_KINDS.find(({ looks }) => looks.test(head));
    const format = kind?.format ?? 'plain text';
    if (isNotebook) throw new ForeignFileError({ format: 'a Jupyter notebook' }, NOTEBOOK);
    if (kind?.convert !== undefined && !/^---/.test(head)) throw new ForeignFileError(kind);
    throw new ForeignFileError(
      { format },
      `The file is ${format}: it holds neither JSON objects nor a table with a header. Its first line: “${(head.trim().split('\n')[0] ?? '').slice(0, 60).trim()}”.`,
    );
  }
  const notes: Note[] = shown ? [shown.note] : [];
  if (encoding.name !== null) notes.push({ kind: 'encoding', text: `The text is ${encoding.name}, and was read as such.` });
  if (encoding.damaged)
    notes.push({ kind: 'encoding', text: 'Some bytes of the text are no UTF-8. The rows that hold them are left out.' });
  return { rows: later(rows, CHECKED), notes };
}

async function openZip(blob: Blob, options: ReadOptions, depth: number): Promise<OpenedFile> {
  const entries = await zipEntries(blob);
  if (entries.some(({ isLocked }) => isLocked)) throw new ForeignFileError(lockedArchive);
  const has = (test: (name: string) => boolean) => entries.some(({ name }) => test(name));
  if (has((name) => name.startsWith('xl/'))) throw new ForeignFileError(workbook);
  if (has((name) => name.startsWith('word/'))) throw new ForeignFileError({ format: 'a Word document' });
  if (has((name) => /(?:^|\/)data\.pkl$/.test(name))) throw new ForeignFileError(torchFile);
  if (has((name) => name.endsWith('.npy')))
    return { arrays: await npzArrays(entries, blob, options), format: 'a NumPy archive (npz)', notes: [] };
  const files = entries.filter(({ name }) => !name.endsWith('/') && !/(?:^|\/)(?:__MACOSX|\.)/.test(name));
  if (has((name) => name === 'mimetype') && has((name) => name === 'content.xml')) throw new ForeignFileError(openDocument);
  if (has((name) => name.endsWith('.weights.h5'))) throw new ForeignFileError(kerasFile);
  const [only] = files;
  const state = stateOf(files);
  if (state && files.length > 1) {
    const opened = await openInner(state, blob, options, depth);
    return {
      ...opened,
      notes: [
        ...opened.notes,
        { kind: 'archive', text: `The archive holds ${files.length} files; this one alone is read.`, count: files.length },
      ],
    };
  }
  if (only && files.length === 1) return { ...(await openInner(only, blob, options, depth)) };
  throw new ForeignFileError(
    zipArchive,
    `The file is a zip archive of ${files.length} files: ${files
      .slice(0, 5)
      .map(({ name }) => name.slice(0, 60))
      .join(', ')}.`,
  );
}

/** A checkpoint's training log, of several the last one's: checkpoint-100 comes behind checkpoint-20. */
const stateOf = (files: readonly ZipEntry[]): ZipEntry | undefined =>
  files
    .filter(({ name }) => /(?:^|\/)trainer_state\.json$/.test(name))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    .at(-1);

async function openInner({ name, method, start, size }: ZipEntry, blob: Blob, options: ReadOptions, depth: number): Promise<OpenedFile> {
  const packed = blob.slice(start, start + size);
  const inner = method === 8 ? await openPacked(packed, 'deflate-raw', options, depth) : await openFile(packed, options, depth + 1);
  return { ...inner, notes: [{ kind: 'compression', text: `Unpacked from a zip archive: ${name.slice(0, 80)}.` }, ...inner.notes] };
}

/**
 * Says what a file is by its content, and opens it: rows of text or Parquet, or arrays.
 *
 * @throws ForeignFileError for what is only recognised, DataFileError and NpyError for what is damaged
 */
export async function openFile(blob: Blob, options: ReadOptions, depth = 0): Promise<OpenedFile> {
  const head = new Uint8Array(await blob.slice(0, HEAD_BYTES).arrayBuffer());
  options.signal?.throwIfAborted();
  const kind = binaryKindOf(head);
  switch (kind) {
    case 'gzip':
    case 'zstd': {
      if (depth >= MAX_DEPTH) throw new DataFileError('The file is compressed again and again. Unpack it first.');
      const inner = await openPacked(blob, kind, options, depth);
      return { ...inner, notes: [{ kind: 'compression', text: `The file is compressed (${kind}), and was unpacked.` }, ...inner.notes] };
    }
    case 'zip':
      if (depth >= MAX_DEPTH) throw new DataFileError('The file is compressed again and again. Unpack it first.');
      return openZip(blob, options, depth);
    case 'parquet': {
      const { parquetRows } = await import('./parquet-rows.ts');
      return { rows: await parquetRows(blob), notes: [] };
    }
    case 'npy':
      return { arrays: [await npyArray('', blob)], format: 'a NumPy array (npy)', notes: [] };
    case 'safetensors':
      return { arrays: await safetensorsArrays(blob), format: 'safetensors', notes: [] };
    default: {
      const foreign = foreignOf(head);
      if (foreign) throw new ForeignFileError(foreign);
      return openText(blob, options);
    }
  }
}
