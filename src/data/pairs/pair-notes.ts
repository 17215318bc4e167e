import { meaningOf } from '../logps/logp-columns.ts';
import type { Note } from '../rows/row-source.ts';
import { splitWords } from '../words.ts';
import { bestOrder } from './best-order.ts';
import type { PreferencePair, ReadPair } from './read-pair.ts';

/** Rows that a note names: as many as a table of pairs has. */
const ROWS_NAMED = 1000;
/** Words of a response that are compared. */
const WORDS_COMPARED = 400;
/** Characters of a word, of one that stands against it, and of what case and spaces add. */
const LONGEST_WORD = 60;

/** Pairs or rows of which one thing is to be said: how many, and the first ones. */
export class Tally {
  count = 0;
  readonly rows: number[] = [];
  add(row: number): void {
    this.count++;
    if (this.rows.length < ROWS_NAMED) this.rows.push(row);
  }
}

const plural = (count: number, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** A share below 1, never as 100 %. */
const percentBelow = (share: number): string => `${Math.min(99.9, Math.round(1000 * share) / 10)} %`;

/** Whether two responses have all words but one in common, at its place, or one word more. */
export function differByOneWord(a: string, b: string): boolean {
  // Most pairs differ in far more characters than one word has: splitting them into words would take the longest part of reading them.
  const limit = Math.min(a.length, b.length);
  let same = 0;
  while (same < limit && a.charCodeAt(same) === b.charCodeAt(same)) same++;
  let tail = 0;
  while (tail < limit - same && a.charCodeAt(a.length - 1 - tail) === b.charCodeAt(b.length - 1 - tail)) tail++;
  if (Math.max(a.length, b.length) - same - tail > LONGEST_WORD) return false;
  const [x, y] = [splitWords(a, WORDS_COMPARED), splitWords(b, WORDS_COMPARED)];
  if (Math.abs(x.length - y.length) > 1 || x.length === WORDS_COMPARED || Math.max(x.length, y.length) < 3) return false;
  let start = 0;
  while (start < Math.min(x.length, y.length) && x[start] === y[start]) start++;
  let end = 0;
  while (end < Math.min(x.length, y.length) - start && x.at(-1 - end) === y.at(-1 - end)) end++;
  return Math.max(x.length, y.length) - start - end <= 1;
}

/** Collects what is to be said of a set of pairs, pair by pair. */
export class PairNotes {
  readonly #tallies = new Map<string, Tally>();
  readonly #places = new Map<string, number[]>();
  readonly #ignored = new Map<string, number>();
  #shape: string | null = null;
  /** pairs that were told, kept or not */
  #added = 0;
  #used: readonly string[] = [];
  readonly #kept: readonly PreferencePair[];

  /** @param kept the pairs that are kept, which grows */
  constructor(kept: readonly PreferencePair[]) {
    this.#kept = kept;
  }

  tally(kind: string, line: number): void {
    const tally = this.#tallies.get(kind) ?? new Tally();
    this.#tallies.set(kind, tally);
    tally.add(line);
  }

  get shape(): string {
    return this.#shape ?? '';
  }

  /** @param index its place among the kept pairs; null where it is not kept */
  add(
    { pair, raw, met, repeated, implicit, cut }: ReadPair,
    row: Readonly<Record<string, unknown>>,
    line: number,
    index: number | null,
  ): void {
    this.#added++;
    if (this.#shape === null) {
      this.#shape = raw.shape;
      this.#used = raw.used;
    }
    for (const name of Object.keys(row)) if (!raw.used.includes(name)) this.#ignored.set(name, (this.#ignored.get(name) ?? 0) + 1);
    if (met.images) this.tally('images', line);
    if (met.thinking) this.tally('thinking', line);
    if (raw.several) this.tally('several', line);
    if (raw.isRanked) this.tally('ranks', line);
    if (met.toolCalls) this.tally('tool-calls', line);
    if (met.roles) this.tally('roles', line);
    if (repeated) this.tally('prompt-repeated', line);
    if (implicit) this.tally('implicit-prompt', line);
    if (cut) this.tally('cut', line);
    if (differByOneWord(pair.chosen, pair.rejected)) this.tally('one-word', line);
    if (index === null) return;
    const key = hashOf([pair.prompt, ...[pair.chosen, pair.rejected].sort()]);
    const others = this.#places.get(key);
    if (!others) this.#places.set(key, [index]);
    else {
      const same = others.map((other) => this.#kept[other]).filter((other) => other?.prompt === pair.prompt);
      if (same.some((other) => other?.chosen === pair.chosen && other.rejected === pair.rejected)) this.tally('duplicates', line);
      if (same.some((other) => other?.chosen === pair.rejected && other.rejected === pair.chosen)) this.tally('contradictions', line);
      if (others.length < 8) others.push(index);
    }
  }

  notes(): Note[] {
    const notes: Note[] = [];
    const usual = ['prompt', 'chosen', 'rejected'];
    if (this.#used.some((name) => !usual.includes(name)))
      notes.push({
        kind: 'columns',
        text: `Read from the columns ${this.#used.map((name) => `“${name.slice(0, 60)}”`).join(', ')}.`,
        count: this.#used.length,
      });
    const say = (kind: string, text: (count: number) => string): void => {
      const tally = this.#tallies.get(kind);
      if (tally) notes.push({ kind, text: text(tally.count), count: tally.count, rows: tally.rows });
    };
    const logps = [...this.#ignored.keys()].filter((name) => meaningOf(name)?.column.endsWith('logp'));
    if (logps.length > 0) {
      const isOwn = ['chosen_logp', 'rejected_logp'].every((column) => logps.some((name) => meaningOf(name)?.column === column));
      const named = logps.map((name) => `“${name.slice(0, 60)}”`).join(', ');
      notes.push({
        kind: isOwn ? 'own-logps' : 'reference-logps',
        text: `The rows hold log-probs, too: ${named}. ${isOwn ? 'They are read as those of your own model.' : 'They are of a reference alone: of the model itself nothing follows.'}`,
        count: logps.length,
      });
    }
    if (this.#ignored.size > 0) {
      const names = [...this.#ignored.keys()];
      const more = names.length > 12 ? ` and ${names.length - 12} more` : '';
      notes.push({
        kind: 'ignored-columns',
        text: `Not read: ${names
          .slice(0, 12)
          .map((name) => `“${name.slice(0, 60)}”`)
          .join(', ')}${more}.`,
        count: names.length,
      });
    }
    say(
      'contradictions',
      (n) =>
        `${plural(n, 'pair contradicts an earlier one', 'pairs contradict earlier ones')}: of the same two answers the other one is chosen. No model can rank both right.`,
    );
    const { right, pairs, isExact } = bestOrder(this.#kept);
    if (right < pairs)
      notes.push({
        kind: 'accuracy-limit',
        text:
          `Ranking accuracy cannot pass ${right}/${pairs} (${percentBelow(right / pairs)})${pairs < this.#added ? ` on the first ${pairs} pairs` : ''}: ` +
          `the pairs contradict each other.${isExact ? '' : ' The true limit may be lower.'}`,
        count: pairs - right,
      });
    say(
      'same',
      (n) => `${plural(n, 'pair has', 'pairs have')} the same response twice, chosen and rejected, and ${n === 1 ? 'is' : 'are'} left out.`,
    );
    say('duplicates', (n) => `${plural(n, 'pair stands', 'pairs stand')} in the file before, word for word.`);
    say(
      'one-word',
      (n) =>
        `${plural(n, 'pair differs', 'pairs differ')} in one word alone: chosen and rejected share all others, and what moves one tends to move the other.`,
    );
    say('prompt-repeated', (n) => `In ${plural(n, 'pair', 'pairs')} the prompt stands in the responses, too; it is taken off there.`);
    say('implicit-prompt', (n) => `${plural(n, 'pair has', 'pairs have')} no prompt of its own: it is what both responses begin with.`);
    say('images', (n) => `${plural(n, 'pair has', 'pairs have')} images, which are left out: only texts are read.`);
    say('thinking', (n) => `${plural(n, 'pair has', 'pairs have')} thoughts before the answer, which are left out.`);
    say('several', (n) => `${plural(n, 'pair gives', 'pairs give')} more than one chosen or rejected response: the first of each is read.`);
    say('ranks', (n) => `Of ${plural(n, 'pair', 'pairs')} ranks tell the better answer: the lowest number is read as the best.`);
    say('tool-calls', (n) => `${plural(n, 'pair has', 'pairs have')} calls of tools; they are read as text, as in “name(arguments)”.`);
    say('roles', (n) => `${plural(n, 'pair is', 'pairs are')} written as messages: their texts are joined, and their roles are not kept.`);
    say('cut', (n) => `${plural(n, 'pair has', 'pairs have')} a response of more than 8000 characters; only its beginning is read.`);
    return notes;
  }
}

/** A short name of several texts: two 32-bit FNV hashes and the length. Those that agree are compared as texts. */
function hashOf(texts: readonly string[]): string {
  let [a, b, length] = [0x811c9dc5, 0x1234567, 0];
  for (const text of texts) {
    length += text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x85ebca6b) + 1;
    }
    a = Math.imul(a ^ 0x1f, 0x01000193);
  }
  return `${a}/${b}/${length}`;
}
