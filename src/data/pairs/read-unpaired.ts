import { ProblemList, type ReadOptions } from '../read-records.ts';
import type { Note, RowSource } from '../rows/row-source.ts';
import { isMessages, type Met, nothingMet, readField, textOf } from './fields.ts';
import { answerNames, Lookup, promptNames } from './shapes.ts';

export interface UnpairedRow {
  prompt: string;
  completion: string;
  label: boolean;
}

const labelNames = ['label', 'labels', 'kto_tag', 'desirable', 'is_good', 'is_chosen', 'thumbs_up', 'feedback', 'liked', 'preference'];

function labelOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = String(value).trim().toLowerCase();
  if (/^(true|1|1\.0|yes|good|chosen|accept(?:ed)?|correct|right|pass(?:ed)?|win|desirable|positive|thumbs_?up|liked?|up)$/.test(text))
    return true;
  return /^(false|0|0\.0|-1|no|bad|reject(?:ed)?|incorrect|wrong|fail(?:ed)?|lose|undesirable|negative|thumbs_?down|disliked?|down)$/.test(
    text,
  )
    ? false
    : null;
}

/** The prompt, response and label of a record, as KTO trains on them; a sentence where it is one that lacks something; null of another kind. */
export function unpairedOf(row: Readonly<Record<string, unknown>>): (UnpairedRow & { met: Met }) | string | null {
  const look = new Lookup(row);
  const labelName = look.first(labelNames);
  if (labelName === undefined) return null;
  const messages = look.first(['messages', 'conversations', 'conversation']);
  const answer = look.first(answerNames);
  if (answer === undefined && messages === undefined) return null;
  const label = labelOf(look.take(labelName));
  if (label === null)
    return look.has(labelName)
      ? `"${labelName}" is ${JSON.stringify(look.take(labelName))?.slice(0, 40)}; write true or false`
      : `"${labelName}" is missing; write true or false`;
  const met: Met = { ...nothingMet(), images: 'images' in row };
  if (answer === undefined) {
    const turns = readField(look.take(messages), met);
    if (!turns || !isMessages(turns) || turns.length === 0) return `"${messages}" is no list of messages`;
    return { prompt: textOf(turns.slice(0, -1)), completion: textOf(turns.slice(-1)), label, met };
  }
  const [prompt, completion] = [readField(look.take(look.first(promptNames)), met), readField(look.take(answer), met)];
  if (completion === undefined || completion === null) return `"${answer}" is missing, or neither a text nor a list of messages`;
  const input = look.has('instruction') && look.has('input') ? readField(look.take('input'), met) : undefined;
  const whole = [prompt ? textOf(prompt) : '', input ? textOf(input) : ''].filter((part) => part !== '').join('\n');
  const texts = { prompt: whole, completion: textOf(completion) };
  for (const [name, text] of Object.entries(texts))
    if (text.includes('\uFFFD')) return `"${name}" holds “\uFFFD”, which stands for bytes that are no UTF-8; save the text as UTF-8 again`;
  return { ...texts, label, met };
}

const MAX_ROWS = 100_000;

/** The line that pairs an unpaired set. */
export const PAIRING =
  'import pandas as pd; d = pd.read_json("data.jsonl", lines=True); w, l = d[d.label], d[~d.label]; w.merge(l, on="prompt").rename(columns={"completion_x": "chosen", "completion_y": "rejected"})[["prompt", "chosen", "rejected"]].to_json("pairs.jsonl", orient="records", lines=True)';

export async function readUnpaired(
  source: RowSource,
  options: ReadOptions,
): Promise<{ rows: UnpairedRow[]; notes: Note[]; list: ProblemList; count: number }> {
  const rows: UnpairedRow[] = [];
  const list = new ProblemList();
  const [good, bad] = [new Set<string>(), new Set<string>()];
  let [count, desirable, images, toolCalls] = [0, 0, 0, 0];
  await source.each((row) => {
    const read =
      row.value === null
        ? (row.problem ?? '')
        : (unpairedOf(row.value) ?? 'lacks a response or a label; each line needs prompt, completion and label');
    if (typeof read === 'string') {
      list.add(row, read);
      return;
    }
    const { met, ...fields } = read;
    count++;
    if (met.images) images++;
    if (met.toolCalls) toolCalls++;
    if (fields.label) desirable++;
    if (rows.length >= MAX_ROWS) return;
    rows.push(fields);
    (fields.label ? good : bad).add(fields.prompt);
  }, options);
  const both = [...good].filter((prompt) => bad.has(prompt)).length;
  const notes: Note[] = [
    {
      kind: 'unpaired',
      text: `An unpaired set: ${desirable} of ${count} responses are desirable. KTO trains on it as it is; this page trains on pairs. ${both === 0 ? 'No prompt has both a desirable and an undesirable response: no pair can be made of it.' : `${both === 1 ? '1 prompt has' : `${both} prompts have`} both kinds, and can be paired: ${PAIRING}`}`,
      count,
    },
  ];
  if (images > 0) notes.push({ kind: 'images', text: 'Images are left out: only texts are read.', count: images });
  if (toolCalls > 0)
    notes.push({ kind: 'tool-calls', text: 'Calls of tools are read as text, as in “name(arguments)”.', count: toolCalls });
  return { rows, notes, list, count };
}
