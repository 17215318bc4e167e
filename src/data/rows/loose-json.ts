/** Deepest nesting that is read: deeper text is no data, and would exhaust the stack. */
const MAX_DEPTH = 64;

const words: Readonly<Record<string, unknown>> = {
  ...{ true: true, false: false, null: null, True: true, False: false, None: null, undefined: null },
  ...{ NaN: Number.NaN, nan: Number.NaN, NAN: Number.NaN, inf: Number.POSITIVE_INFINITY, Infinity: Number.POSITIVE_INFINITY },
};
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', a: '\x07', '0': '\0', '\n': '' };
const NUMBER = /[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
const WORD = /[-+]?[A-Za-z_][\w.]*/y;
const SPACE = /\s*/y;

class LooseError extends Error {}

/** Reads one value as Python prints it, or as JSON with what Python's json writes beyond the standard. */
class LooseReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): unknown {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw new LooseError();
    return value;
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }

  /** another value begins here, behind a blank or with a bracket */
  #isApart(): boolean {
    const next = this.#text[this.#at] ?? '';
    return /[{[]/.test(next) || (/[-+.\dni]/.test(next) && /\s/.test(this.#text[this.#at - 1] ?? ''));
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new LooseError();
    this.#space();
    const c = this.#text[this.#at];
    if (c === '{') return this.#object(depth);
    if (c === '[') return this.#list('[', ']', depth);
    if (c === '(') return this.#list('(', ')', depth);
    if (c === '"' || c === "'") return this.#string();
    if (c === '<' && this.#match(/<[^<>]*>/y) !== null) return null; // <class 'float'>
    const number = this.#match(NUMBER);
    if (number !== null) return Number(number.replaceAll('_', ''));
    const word = this.#match(WORD);
    if (word === null) throw new LooseError();
    const sign = word.startsWith('-') ? -1 : 1;
    const name = word.replace(/^[-+]/, '');
    if (Object.hasOwn(words, name)) {
      const value = words[name];
      return typeof value === 'number' ? sign * value : value;
    }
    if (!this.#take('(')) throw new LooseError();
    return this.#call(name, depth);
  }

  /**
   * What stands in a call as Python prints objects: np.float64(0.5), tensor(0.5, device='cuda:0'), array([...], dtype=float32),
   * Decimal('0.5'), defaultdict(<class 'float'>, {...}). Of several values the record; null where none says what it is, as of a date.
   */
  #call(name: string, depth: number): unknown {
    const given: unknown[] = [];
    while (!this.#take(')')) {
      if (this.#match(/\s*\w+\s*=(?!=)\s*/y) === null) given.push(this.#value(depth + 1));
      else if (this.#match(/<[^>]*>|[A-Za-z_][\w.]*(?![\w.(['"])/y) === null) this.#value(depth + 1);
      this.#space();
      if (!this.#take(',') && this.#text[this.#at] !== ')') throw new LooseError();
    }
    const [first] = given;
    if (name.endsWith('OrderedDict') && Array.isArray(first) && first.every((pair) => Array.isArray(pair) && pair.length === 2))
      return Object.fromEntries(first as [string, unknown][]);
    return given.find(isRecord) ?? (given.length === 1 ? first : null);
  }

  /** A dict, or a set as the list of what is in it. */
  #object(depth: number): Record<string, unknown> | unknown[] {
    const object: Record<string, unknown> = {};
    this.#at++;
    for (let isFirst = true; ; isFirst = false) {
      if (this.#take('}')) return object;
      this.#space();
      const c = this.#text[this.#at];
      const key = c === '"' || c === "'" ? this.#string() : this.#value(depth + 1);
      this.#space();
      if (isFirst && (this.#text[this.#at] === ',' || this.#text[this.#at] === '}')) return this.#rest(key, depth);
      if (!this.#take(':')) throw new LooseError();
      // `__proto__` is a key like any other
      Object.defineProperty(object, String(key), { value: this.#value(depth + 1), enumerable: true, writable: true, configurable: true });
      if (this.#take(',')) continue;
      if (this.#take('}')) return object;
      throw new LooseError();
    }
  }

  /** What is in a set, the first of it being read. */
  #rest(first: unknown, depth: number): unknown[] {
    const list = [first];
    while (this.#take(',')) {
      this.#space();
      if (this.#text[this.#at] === '}') break;
      list.push(this.#value(depth + 1));
    }
    if (!this.#take('}')) throw new LooseError();
    return list;
  }

  #list(open: string, close: string, depth: number): unknown {
    const list: unknown[] = [];
    this.#at += open.length;
    let isTuple = open === '[';
    for (;;) {
      if (this.#take(close)) return isTuple || list.length !== 1 ? list : list[0];
      list.push(this.#value(depth + 1));
      if (this.#take(',')) isTuple = true;
      // numpy prints lists without commas
      else if (!this.#isApart() && this.#text[this.#at] !== close) throw new LooseError();
    }
  }

  #string(): string {
    const quote = this.#text[this.#at] ?? '';
    let start = ++this.#at;
    let out = '';
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined) throw new LooseError();
      if (c === quote) {
        out += this.#text.slice(start, this.#at);
        this.#at++;
        return out;
      }
      if (c !== '\\') {
        this.#at++;
        continue;
      }
      out += this.#text.slice(start, this.#at);
      const next = this.#text[this.#at + 1] ?? '';
      const digits = { x: 2, u: 4, U: 8 }[next];
      if (digits !== undefined) {
        const hex = this.#text.slice(this.#at + 2, this.#at + 2 + digits);
        if (hex.length !== digits || !/^[\da-f]+$/i.test(hex)) throw new LooseError();
        const code = Number.parseInt(hex, 16);
        if (code > 0x10ffff) throw new LooseError();
        out += String.fromCodePoint(code);
        this.#at += 2 + digits;
      } else {
        out += escapes[next] ?? (/["'\\/]/.test(next) ? next : `\\${next}`);
        this.#at += 2;
      }
      start = this.#at;
    }
  }
}

/** The value of a text in JSON, with NaN and Infinity, or as Python prints it; undefined where it is neither. */
export function looseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return new LooseReader(text).all();
    } catch (error) {
      if (error instanceof LooseError) return undefined;
      throw error;
    }
  }
}

/** Whether a value is a record: named fields. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text that is itself JSON, or a Python value, of a list or a record; else the text. */
export function unstringed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*(?:\[\s*[{"'[\]]|\{\s*["'])/.test(value)) return value;
  const inner = looseValue(value.trim());
  return typeof inner === 'object' && inner !== null ? inner : value;
}
