/** One preference pair as text. */
export interface PreferencePair {
  /** line of the file on which it stands, from 1 */
  line: number;
  prompt: string;
  chosen: string;
  rejected: string;
}

/** What is wrong with one line, and how to mend it. */
export interface LineProblem {
  line: number;
  problem: string;
}

interface Message {
  role: string;
  content: string;
}

/** Characters of a response that are read: words of it beyond are never trained on, and megabytes of them would be kept for nothing. */
export const MAX_RESPONSE_LENGTH = 8000;

type Field = string | readonly Message[];
type PairText = Omit<PreferencePair, 'line'>;

const NEEDED = 'each line needs prompt, chosen and rejected';

/** A field of a record: a text, a list of messages, undefined where it is missing (or null), or null where it is neither. */
function readField(value: unknown): Field | undefined | null {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const messages: Message[] = [];
  for (const item of value as unknown[]) {
    if (typeof item !== 'object' || item === null || !('role' in item) || !('content' in item)) return null;
    if (typeof item.role !== 'string' || typeof item.content !== 'string') return null;
    messages.push({ role: item.role, content: item.content });
  }
  return messages;
}

const isMessages = (field: Field): field is readonly Message[] => typeof field !== 'string';

const textOf = (field: Field): string => (isMessages(field) ? field.map(({ content }) => content).join('\n') : field);

/** Length of the longest common prefix that does not cut a word: it ends where both texts have a space or begin. */
function commonWordPrefix(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[length] === b[length]) length++;
  const isBoundary = (text: string): boolean => length === text.length || /\s/.test(text[length] ?? '');
  while (length > 0 && !(isBoundary(a) && isBoundary(b))) length--;
  return length;
}

/** Why a text is not what was once written; null where nothing tells. */
function damageOf(text: string): string | null {
  if (text.includes('\uFFFD')) return 'holds “\uFFFD”, which stands for bytes that are no UTF-8; save the text as UTF-8 again';
  return /\p{Surrogate}/u.test(text) ? 'holds half of a character (a lone surrogate); write the character whole' : null;
}

/** The beginning of a response that is read; no character is cut in two. */
const beginningOf = (text: string): string => text.slice(0, MAX_RESPONSE_LENGTH).replace(/[\uD800-\uDBFF]$/, '');

/** Splits chosen and rejected into the prompt that they share and the rest; null where one is a text and one a list of messages. */
function extractPrompt(chosen: Field, rejected: Field): PairText | null {
  if (isMessages(chosen) && isMessages(rejected)) {
    let shared = 0;
    while (shared < chosen.length && shared < rejected.length) {
      const a = chosen[shared];
      const b = rejected[shared];
      if (a === undefined || b === undefined || a.role !== b.role || a.content !== b.content) break;
      shared++;
    }
    return {
      prompt: textOf(chosen.slice(0, shared)),
      chosen: textOf(chosen.slice(shared)),
      rejected: textOf(rejected.slice(shared)),
    };
  }
  if (isMessages(chosen) || isMessages(rejected)) return null;
  const shared = commonWordPrefix(chosen, rejected);
  return { prompt: chosen.slice(0, shared).trim(), chosen: chosen.slice(shared).trim(), rejected: rejected.slice(shared).trim() };
}

/**
 * The pair of one JSON record, or a sentence that says what is wrong with it. TRL's preference formats: `prompt`, `chosen`
 * and `rejected` as texts (standard) or as lists of {role, content} (conversational); without `prompt`, or with a prompt of
 * the other kind, the prompt is what chosen and rejected begin with in common, by whole words or messages. Roles are not kept.
 */
export function readPreferencePair(json: string, hasWords: (text: string) => boolean): PairText | string {
  let record: unknown;
  try {
    record = JSON.parse(json);
  } catch {
    return 'not valid JSON; write one object {"prompt": …, "chosen": …, "rejected": …} on one line';
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return `not a JSON object; ${NEEDED}`;
  }
  const raw = record as Record<string, unknown>;
  const prompt = readField(raw['prompt']);
  const chosen = readField(raw['chosen']);
  const rejected = readField(raw['rejected']);
  for (const [name, field] of Object.entries({ chosen, rejected })) {
    if (field === undefined) return `"${name}" is missing; ${NEEDED}`;
  }
  for (const [name, field] of Object.entries({ prompt, chosen, rejected })) {
    if (field === null) return `"${name}" is neither a text nor a list of messages; write a text, or [{"role": …, "content": …}]`;
  }
  if (chosen === undefined || chosen === null || rejected === undefined || rejected === null || prompt === null) return NEEDED;

  let pair: PairText | null;
  if (prompt !== undefined && isMessages(prompt) === isMessages(chosen)) {
    pair = { prompt: textOf(prompt), chosen: textOf(chosen), rejected: textOf(rejected) };
  } else {
    pair = extractPrompt(chosen, rejected);
    // A prompt of the other kind need not be repeated in the responses: then it is all there is.
    if (pair?.prompt === '' && prompt !== undefined) pair.prompt = textOf(prompt);
  }
  if (pair === null) return '"chosen" and "rejected" are of different kinds; make both texts or both lists of messages';
  for (const [name, text] of Object.entries(pair)) {
    const damage = damageOf(text);
    if (damage !== null) return `"${name}" ${damage}`;
  }
  if (pair.chosen === pair.rejected) return '"chosen" and "rejected" are the same; a pair needs two different responses';
  pair.chosen = beginningOf(pair.chosen);
  pair.rejected = beginningOf(pair.rejected);
  if (pair.chosen === pair.rejected) return `the responses agree in their first ${MAX_RESPONSE_LENGTH} characters, and no more are read`;
  if (!hasWords(pair.chosen)) return '"chosen" holds no words; give it a response of at least one word';
  if (!hasWords(pair.rejected)) return '"rejected" holds no words; give it a response of at least one word';
  return pair;
}
