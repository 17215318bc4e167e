import type { RunOptions } from '../core/experiment.ts';
import { arrayRows } from './logps/array-rows.ts';
import { otherQuantity } from './logps/logp-columns.ts';
import { logpNotes } from './logps/logp-notes.ts';
import { noLogps } from './logps/pair-logps.ts';
import { readLogps } from './logps/read-logps.ts';
import { readLog } from './logs/read-log.ts';
import { readingsOf } from './logs/readings/readings.ts';
import { ForeignFileError } from './open/foreign.ts';
import { NpyError } from './open/npy.ts';
import { type OpenedFile, openFile } from './open/open-file.ts';
import { nothingFound } from './pairs/parse-preference-pairs.ts';
import { readPairs } from './pairs/read-pairs.ts';
import { readUnpaired } from './pairs/read-unpaired.ts';
import type { ReadData, RefusedData } from './read-data-types.ts';
import { DataFileError, type ProblemList, type ReadOptions } from './read-records.ts';
import { type Recognised, recogniseAny } from './recognise.ts';
import type { Note, RowSource } from './rows/row-source.ts';

/** How many pairs are kept, besides a limit on their text. */
const MAX_PAIRS = 200_000;

const refused = (format: string | null, reason: string, convert?: string): RefusedData => ({
  kind: 'refused',
  format,
  reason,
  ...(convert === undefined ? {} : { convert }),
});

/** What was left out, and where. */
function dropped({ problems, problemCount }: Pick<ProblemList, 'problems' | 'problemCount'>, unit: string): Note[] {
  const [first] = problems;
  if (!first) return [];
  return [
    {
      kind: 'dropped',
      text: `${problemCount === 1 ? `1 ${unit} is` : `${problemCount} ${unit}s are`} left out, first ${unit} ${first.line}: ${first.problem}.`,
      count: problemCount,
      rows: problems.slice(0, 100).map(({ line }) => line),
    },
  ];
}

const names = (columns: readonly string[]): string =>
  columns
    .slice(0, 12)
    .map((name) => `“${name.slice(0, 60)}”`)
    .join(', ');

/** Settings of trainers and models. */
const SETTING =
  /^(?:learning_rate|num_train_epochs|output_dir|model_name_or_path|loss_type|lr_scheduler_type|model_type|hidden_size|lora_alpha|architectures|peft_type|base_model_name_or_path|target_modules|task_type|vocab_size|torch_dtype)$/;

/** Documents that lie beside models and data sets, by a column of theirs. */
const BESIDE: readonly { readonly has: string; readonly format: string; readonly reason: string; readonly convert?: string }[] = [
  { has: 'weight_map', format: 'the index of a model’s weights', reason: 'It says in which files a model’s weights are.' },
  { has: 'added_tokens', format: 'a tokenizer (tokenizer.json)', reason: 'It holds the tokens of a model, and nothing of a run.' },
  { has: 'tokenizer_class', format: 'the settings of a tokenizer', reason: 'It holds the settings of a tokenizer, and nothing of a run.' },
  {
    has: '_data_files',
    format: 'the list of a saved data set’s files',
    reason: 'It names the files of a data set, and holds no row of it.',
    convert: 'from datasets import load_from_disk; load_from_disk("its folder").to_json("pairs.jsonl")',
  },
];

/** Rows that are none of what is read: what they look like, and what they would need. */
function unusable(source: RowSource, { kind, columns, seen, first, firstProblem }: Recognised): RefusedData {
  const [error] = [first?.['error'], first?.['detail']].filter((value) => typeof value === 'string');
  if (seen === 1 && error) return refused('a server’s error', `It is no data: a server answered “${error.slice(0, 200)}”.`);
  const beside = BESIDE.find(({ has }) => columns.includes(has));
  if (beside) return refused(beside.format, beside.reason, beside.convert);
  if (columns.filter((name) => SETTING.test(name)).length >= 2)
    return refused(
      `the settings of a run (${source.syntax})`,
      'It says how a run was set up, and not how it went. Open trainer_state.json, or the lines that the trainer prints.',
    );
  if (kind === 'answers')
    return refused(
      `answers without a worse one, as for supervised fine-tuning (${source.syntax})`,
      `Its records have a prompt and one response: ${names(columns)}. A pair needs two responses, “chosen” and “rejected”; an unpaired set needs a “label” beside each.`,
    );
  if (kind === 'prompts')
    return refused(
      `prompts alone (${source.syntax})`,
      `Its records have no responses: ${names(columns)}. A pair needs “prompt”, “chosen” and “rejected”.`,
    );
  if (seen === 0 && firstProblem) {
    const place = source.unit === 'line' ? 'Line' : 'Row';
    return refused(
      source.syntax,
      `It looks like ${source.syntax}, and none of its ${source.unit}s can be read. ${place} ${firstProblem.line}: ${firstProblem.problem}.`,
    );
  }
  if (seen === 0 && source.syntax.includes('log_history'))
    return refused(
      'trainer_state.json of a Trainer',
      'Its log_history is empty: the run stopped before its first row, or logging_steps is larger than its number of steps.',
    );
  if (seen === 0) return refused(source.syntax, `It is ${source.syntax} without a single ${source.unit}.`);
  const hint = otherQuantity(columns);
  return refused(
    source.syntax,
    `It is ${source.syntax}, and its columns are none that are known: ${names(columns)}. ${hint ? `${hint}.` : 'Pairs have “prompt”, “chosen”, “rejected”; log-probs “chosen_logps”, “rejected_logps”; a training log “step”, “loss”, “rewards/chosen”.'}`,
  );
}

async function fromRows(given: RowSource, before: readonly Note[], fileName: string, options: ReadOptions): Promise<ReadData> {
  const { source, what } = await recogniseAny(given, options);
  const opened = [...before, ...source.notes];
  switch (what.kind) {
    case 'pairs': {
      const { pairs, pairCount, shape, notes, problems, problemCount } = await readPairs(source, { ...options, maxPairs: MAX_PAIRS });
      if (pairCount === 0) return refused(`preference pairs (${source.syntax})`, nothingFound({ problems, problemCount }));
      const kept: Note[] =
        pairCount > pairs.length
          ? [{ kind: 'kept', text: `The first ${pairs.length} of ${pairCount} pairs are kept.`, count: pairCount }]
          : [];
      const label = shape === '' ? 'TRL preference pairs' : `preference pairs, as ${shape}`;
      return {
        kind: 'pairs',
        format: `${label} (${source.syntax})`,
        pairs,
        pairCount,
        problems,
        problemCount,
        notes: [...opened, ...kept, ...notes, ...dropped({ problems, problemCount }, source.unit)],
      };
    }
    case 'unpaired': {
      const { rows, notes, list, count } = await readUnpaired(source, options);
      const { problems, problemCount } = list;
      if (count === 0) return refused(`an unpaired set (${source.syntax})`, nothingFound(list));
      return {
        kind: 'unpaired',
        format: `unpaired responses with labels, as for KTO (${source.syntax})`,
        rows,
        problems,
        problemCount,
        notes: [...opened, ...notes, ...dropped(list, source.unit)],
      };
    }
    case 'logps':
      return fromLogps(source, opened, options);
    case 'log': {
      const log = await readLog(source, fileName, options);
      const { steps, columns, nonFinite, isCounted, beta, notes, list } = log;
      const { problems, problemCount } = list;
      if (steps.length === 0 && log.summaries > 0)
        return refused(
          `a trainer’s summary (${source.syntax})`,
          'It holds the means over a whole run, and no steps. Open trainer_state.json, which stands beside it or in a checkpoint’s folder.',
        );
      if (steps.length === 0)
        return refused(`a training log (${source.syntax})`, nothingFound(list).replace('preference pair', 'number of a training log'));
      const format = source.syntax.includes('log_history') ? 'trainer_state.json of a Trainer' : `a training log (${source.syntax})`;
      return {
        kind: 'log',
        format,
        steps,
        columns,
        nonFinite,
        ...(isCounted ? { isCounted } : {}),
        beta,
        readings: readingsOf(log),
        problems,
        problemCount,
        notes: [...opened, ...notes, ...dropped(list, source.unit)],
      };
    }
    default:
      return unusable(source, what);
  }
}

async function fromLogps(source: RowSource, before: readonly Note[], options: ReadOptions): Promise<ReadData> {
  const read = await readLogps(source, options);
  const { problems, problemCount } = read.list;
  const label = `log-probs of pairs (${source.syntax})`;
  if (read.pairCount === 0) return refused(label, noLogps(problems));
  const kept: Note[] =
    read.pairCount > read.rows.length
      ? [{ kind: 'kept', text: `The first ${read.rows.length} of ${read.pairCount} rows are kept.`, count: read.pairCount }]
      : [];
  return {
    kind: 'logps',
    format: label,
    perToken: read.perToken,
    rows: read.rows.map((row) => ({
      chosen: row.chosen_logp ?? Number.NaN,
      rejected: row.rejected_logp ?? Number.NaN,
      ...(row.ref_chosen_logp === undefined ? {} : { refChosen: row.ref_chosen_logp }),
      ...(row.ref_rejected_logp === undefined ? {} : { refRejected: row.ref_rejected_logp }),
      ...(row.chosen_length === undefined ? {} : { chosenLength: row.chosen_length }),
      ...(row.rejected_length === undefined ? {} : { rejectedLength: row.rejected_length }),
    })),
    problems,
    problemCount,
    notes: [...before, ...kept, ...logpNotes(read), ...dropped(read.list, source.unit)],
  };
}

/** Names that the parts of a model have. */
const WEIGHTS = /\.(?:weight|bias|weight_scale|qweight|scales)$|lora_[AB]\b/;

async function fromArrays({ arrays, format, notes }: Extract<OpenedFile, { arrays: unknown }>, options: ReadOptions): Promise<ReadData> {
  const rows = await arrayRows(arrays);
  if (rows) {
    const data = await fromLogps(rows, [...notes, ...rows.notes], options);
    return { ...data, format: (data.format ?? '').replace('arrays', format) };
  }
  const listed = arrays
    .slice(0, 8)
    .map(({ name, shape }) => `${name === '' ? 'an array' : `“${name.slice(0, 60)}”`} (${shape.join(', ')})`)
    .join(', ');
  if (arrays.filter(({ name }) => WEIGHTS.test(name)).length > arrays.length / 2)
    return refused(
      `a model’s weights (${format})`,
      `It holds weights, and nothing of a run: ${listed}. Compute the log-probs of your pairs with the model, and open those.`,
    );
  const states =
    arrays.find(({ name }) => /hidden|state|embed/i.test(name)) ?? arrays.find(({ shape }) => shape.length >= 2 && !shape.includes(0));
  if (!states || states.shape.length < 2 || states.shape.length > 4 || states.shape.includes(0))
    return refused(
      format,
      arrays.length === 0
        ? `It is ${format} and holds no array.`
        : `Its arrays are neither log-probs by name nor hidden states by shape: ${listed}. Name them chosen_logps and rejected_logps, or save states as [pairs, positions, dimensions].`,
    );
  const others: Note[] = arrays.length > 1 ? [{ kind: 'arrays', text: `The file holds ${listed}.`, count: arrays.length }] : [];
  return {
    kind: 'hidden',
    format: `hidden states (${format})`,
    shape: states.shape,
    problems: [],
    problemCount: 0,
    notes: [
      ...notes,
      ...others,
      {
        kind: 'hidden',
        text: `Hidden states of shape (${states.shape.join(', ')}). CHES needs two such arrays, of chosen and of rejected responses: open chosen.npy and rejected.npy together.`,
      },
    ],
  };
}

/**
 * Says what a file is by its content, whatever its name ends in, and reads it: preference pairs, unpaired responses, log-probs, hidden
 * states, or a training log, out of text, tables, Parquet or arrays. Piece by piece, with progress in bytes; a cancelled call rejects with
 * the signal's reason, and nothing else rejects: what cannot be read is refused with a reason.
 */
export async function readData(
  file: { readonly name: string; readonly bytes: Uint8Array | Blob },
  options: RunOptions = {},
): Promise<ReadData> {
  const blob = file.bytes instanceof Blob ? file.bytes : new Blob([file.bytes as Uint8Array<ArrayBuffer>]);
  try {
    const opened = await openFile(blob, options);
    return 'rows' in opened ? await fromRows(opened.rows, opened.notes, file.name, options) : await fromArrays(opened, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ForeignFileError) return refused(error.foreign.format, error.reason, error.foreign.convert);
    if (error instanceof NpyError) return refused('a NumPy array (npy)', error.message);
    if (error instanceof DataFileError) return refused(formatSaid(error.message), error.message);
    // what the browser says of a folder, and of a file that was moved, is changed or lies in the cloud
    if (error instanceof DOMException && (error.name === 'NotReadableError' || error.name === 'NotFoundError'))
      return refused(
        null,
        'The browser cannot read it: it is a folder, or it was moved or changed since it was chosen. Choose the file again.',
      );
    throw error;
  }
}

/** What a reader's message calls the file. */
const formatSaid = (message: string): string | null =>
  ['Parquet', 'safetensors', 'zip archive', 'gzip', 'zstd', 'npz', 'header']
    .find((name) => message.includes(name))
    ?.replace(/^header$/, 'a table') ?? null;
