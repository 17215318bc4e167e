import { hasWords } from '../words.ts';
import { type Field, isMessages, type Message, type Met, nothingMet, readField, textOf } from './fields.ts';
import { type RawPair, rawPair } from './shapes.ts';

/** One preference pair as text. */
export interface PreferencePair {
  /** line of the file on which it stands, from 1 */
  line: number;
  prompt: string;
  chosen: string;
  rejected: string;
  chosenRating?: number;
  rejectedRating?: number;
}

/** What is wrong with one line, and how to mend it. */
export interface LineProblem {
  line: number;
  problem: string;
}

/** Characters of a response that are read: words of it beyond are never trained on, and megabytes of them would be kept for nothing. */
export const MAX_RESPONSE_LENGTH = 8000;

type PairText = Omit<PreferencePair, 'line'>;

/** A pair, and what was met in it. */
export interface ReadPair {
  readonly pair: PairText;
  readonly raw: RawPair;
  readonly met: Met;
  /** the prompt stood in the responses, too, and was taken off */
  readonly repeated: boolean;
  /** the prompt is what the responses begin with in common */
  readonly implicit: boolean;
  readonly cut: boolean;
}

const NEEDED = 'each line needs prompt, chosen and rejected';

/** Length of the longest common prefix of two texts. */
function commonPrefix(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[length] === b[length]) length++;
  return length;
}

/** The same, without cutting a word: it ends where both texts have a space or begin. */
function commonWordPrefix(a: string, b: string): number {
  let length = commonPrefix(a, b);
  const isBoundary = (text: string): boolean => length === text.length || /\s/.test(text[length] ?? '');
  while (length > 0 && !(isBoundary(a) && isBoundary(b))) length--;
  return length;
}

/** Where an assistant begins to speak in a conversation that is written as one text. */
const TURNS =
  /(?:^|\n)\s*(?:assistant|AI|bot|gpt|chatbot)\s*:|<\|im_start\|>\s*assistant\s*\n?|<\|assistant\|>|\[\/INST\]|###\s*(?:Response|Assistant)\s*:|<\|start_header_id\|>assistant<\|end_header_id\|>|<start_of_turn>model\s*\n?|<｜Assistant｜>/gi;

/** The place behind the last turn's beginning in what both share; 0 where there is none. */
function lastTurn(a: string, b: string): number {
  let end = 0;
  for (const { index, 0: mark } of a.slice(0, commonPrefix(a, b)).matchAll(TURNS)) end = index + mark.length;
  return end;
}

/** Why a text is not what was once written; null where nothing tells. */
function damageOf(text: string): string | null {
  if (text.includes('\uFFFD')) return 'holds “\uFFFD”, which stands for bytes that are no UTF-8; save the text as UTF-8 again';
  return /\p{Surrogate}/u.test(text) ? 'holds half of a character (a lone surrogate); write the character whole' : null;
}

/** The beginning of a response that is read; no character is cut in two. */
const beginningOf = (text: string): string => text.slice(0, MAX_RESPONSE_LENGTH).replace(/[\uD800-\uDBFF]$/, '');

const sameMessage = (a: Message | undefined, b: Message | undefined): boolean =>
  a !== undefined && b !== undefined && a.role === b.role && a.content === b.content;

/** Splits chosen and rejected into the prompt that they share and the rest; null where one is a text and one a list of messages. */
function sharedPrompt(chosen: Field, rejected: Field): Pick<PairText, 'prompt' | 'chosen' | 'rejected'> | null {
  if (isMessages(chosen) && isMessages(rejected)) {
    let shared = 0;
    while (sameMessage(chosen[shared], rejected[shared])) shared++;
    if (shared === Math.max(chosen.length, rejected.length)) shared = 0; // the same responses: said below
    return { prompt: textOf(chosen.slice(0, shared)), chosen: textOf(chosen.slice(shared)), rejected: textOf(rejected.slice(shared)) };
  }
  if (isMessages(chosen) || isMessages(rejected)) return null;
  const shared = lastTurn(chosen, rejected) || commonWordPrefix(chosen, rejected);
  return { prompt: chosen.slice(0, shared).trim(), chosen: chosen.slice(shared).trim(), rejected: rejected.slice(shared).trim() };
}

/** A response without the prompt that it begins with; null where it does not, or where what it begins with may be chance. */
function withoutPrompt(response: string, prompt: string): string | null {
  const start = prompt.trim();
  if (start.length < 8 || !/\s/.test(start)) return null;
  const text = response.trimStart();
  return text.startsWith(start) && !/^[\p{L}\p{N}]/u.test(text.slice(start.length)) ? text.slice(start.length).trim() : null;
}

interface Split extends Pick<PairText, 'prompt' | 'chosen' | 'rejected'> {
  repeated?: boolean;
  implicit?: boolean;
}

function split(prompt: Field | undefined, chosen: Field, rejected: Field): Split | null {
  if (isMessages(chosen) !== isMessages(rejected)) {
    // one as a text and one as messages: both are responses where a prompt is given
    if (prompt === undefined || [chosen, rejected].some((field) => isMessages(field) && field.length > 1)) return null;
    return { prompt: textOf(prompt), chosen: textOf(chosen), rejected: textOf(rejected) };
  }
  if (prompt === undefined) {
    const shared = sharedPrompt(chosen, rejected);
    return shared && { ...shared, implicit: shared.prompt !== '' };
  }
  if (isMessages(chosen) && isMessages(rejected)) {
    const given = isMessages(prompt) ? prompt : null;
    const begins = (field: readonly Message[]) =>
      given !== null && given.length < field.length && given.every((each, i) => sameMessage(each, field[i]));
    if (given && begins(chosen) && begins(rejected)) {
      const rest = (field: readonly Message[]) => textOf(field.slice(given.length));
      return { prompt: textOf(given), chosen: rest(chosen), rejected: rest(rejected), repeated: true };
    }
    if (given) return { prompt: textOf(given), chosen: textOf(chosen), rejected: textOf(rejected) };
    const shared = sharedPrompt(chosen, rejected);
    // A prompt of the other kind need not be repeated in the responses: then it is all there is.
    return shared && (shared.prompt === '' ? { ...shared, prompt: textOf(prompt) } : { ...shared, repeated: true });
  }
  const texts = { prompt: textOf(prompt), chosen: textOf(chosen), rejected: textOf(rejected) };
  const [w, l] = [withoutPrompt(texts.chosen, texts.prompt), withoutPrompt(texts.rejected, texts.prompt)];
  return w !== null && l !== null ? { prompt: texts.prompt, chosen: w, rejected: l, repeated: true } : texts;
}

/** Earlier turns as a text: pairs of question and answer, a list of messages, or a text. */
function historyText(history: unknown, met: Met): string {
  if (Array.isArray(history) && history.every(Array.isArray))
    return history
      .flat()
      .filter((turn) => typeof turn === 'string')
      .join('\n');
  const field = readField(history, met);
  return field ? textOf(field) : '';
}

/**
 * The pair of one record, a sentence that says what is wrong with it, or null where the record is of another kind. TRL's preference formats,
 * `prompt`, `chosen` and `rejected` as texts or as lists of messages, and those of other trainers and data sets (`rawPair`). Without a
 * prompt it is what chosen and rejected begin with in common: up to where an assistant begins to speak, by whole messages, or by whole
 * words. Roles are not kept.
 */
export function pairOf(row: Readonly<Record<string, unknown>>): ReadPair | string | null {
  const raw = rawPair(row);
  if (raw === null || typeof raw === 'string') return raw;
  const met: Met = { ...nothingMet(), images: 'images' in row || 'image' in row };
  const [given, chosen, rejected] = [raw.prompt, raw.chosen, raw.rejected].map((value) => readField(value, met));
  for (const [name, field] of Object.entries({ chosen, rejected })) if (field === undefined) return `"${name}" is missing; ${NEEDED}`;
  for (const [name, field] of Object.entries({ prompt: given, chosen, rejected }))
    if (field === null) return `"${name}" is neither a text nor a list of messages; write a text, or [{"role": …, "content": …}]`;
  if (chosen === undefined || chosen === null || rejected === undefined || rejected === null || given === null) return NEEDED;

  const before = [raw.system === undefined ? '' : textOf(readField(raw.system, met) ?? ''), historyText(raw.history, met)];
  const input = raw.input === undefined ? '' : textOf(readField(raw.input, met) ?? '');
  const around = (text: string): string => [...before, text, input].filter((part) => part !== '').join('\n');
  const prompt =
    given !== undefined && !isMessages(given) && input !== '' ? [given, input].filter((part) => part !== '').join('\n') : given;
  const parts = split(prompt, chosen, rejected);
  if (parts === null) return '"chosen" and "rejected" are of different kinds; make both texts or both lists of messages';
  const { repeated = false, implicit = false, ...text } = parts;
  text.prompt =
    isMessages(given ?? '') || input === '' || given === undefined
      ? around(text.prompt)
      : [...before, text.prompt].filter((part) => part !== '').join('\n');
  for (const [name, value] of Object.entries(text)) {
    const damage = damageOf(value);
    if (damage !== null) return `"${name}" ${damage}`;
  }
  if (text.chosen === text.rejected) return SAME;
  const cut = text.chosen.length > MAX_RESPONSE_LENGTH || text.rejected.length > MAX_RESPONSE_LENGTH;
  const pair: PairText = { ...text, chosen: beginningOf(text.chosen), rejected: beginningOf(text.rejected) };
  if (pair.chosen === pair.rejected) return `the responses agree in their first ${MAX_RESPONSE_LENGTH} characters, and no more are read`;
  if (!hasWords(pair.chosen)) return '"chosen" holds no words; give it a response of at least one word';
  if (!hasWords(pair.rejected)) return '"rejected" holds no words; give it a response of at least one word';
  if (raw.chosenRating !== undefined) pair.chosenRating = raw.chosenRating;
  if (raw.rejectedRating !== undefined) pair.rejectedRating = raw.rejectedRating;
  return { pair, raw, met, repeated, implicit, cut };
}

export const SAME = '"chosen" and "rejected" are the same; a pair needs two different responses';

/** What a record lacks that is of another kind than pairs. */
export function missingOf(row: Readonly<Record<string, unknown>>): string {
  const name = 'chosen' in row && row['chosen'] !== null ? 'rejected' : 'chosen';
  return `"${name}" is missing; ${NEEDED}`;
}
