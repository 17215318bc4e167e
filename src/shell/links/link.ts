/** The view of a link that names none. */
const firstView = 'displacement';

/** A part of a link that could not be used, and why. */
export interface LinkProblem {
  readonly key: string;
  readonly value: string;
  readonly reason: string;
}

/** What a view puts into the link: only what is not its default. */
export interface LinkFields {
  /** settings: a change is a new entry of the browser's history */
  readonly run: Readonly<Record<string, string>>;
  /** what is looked at: a change replaces the entry */
  readonly look: Readonly<Record<string, string>>;
}

/** Version of the format. A reader of later versions keeps a decoder for this one. Version 2 is a packed version 1: packed-link.ts. */
export const version = 1;
/** Longest link that is read, in characters without '#'; a packed one may hold more. */
export const longest = 8000;

/** The hash of a link, without '#'; empty where everything is the default. */
export function writeLink(view: string, { run, look }: LinkFields, withLook = true): string {
  const fields = new URLSearchParams({ ...(view === firstView ? {} : { view }), ...run, ...(withLook ? look : {}) });
  return fields.size === 0 ? '' : `v=${version}&${fields}`;
}

/** Reads the fields of a link one by one, and keeps account of what cannot be used. Nothing in a link is ever executed. */
export class LinkReader {
  readonly problems: LinkProblem[] = [];
  readonly #fields: URLSearchParams;
  readonly #used = new Set<string>();

  constructor(fields: URLSearchParams) {
    this.#fields = fields;
  }

  /** The version that the link says it is of; that which is written where it says none. */
  get version(): number {
    return Number(this.#fields.get('v') ?? version);
  }

  /** The text of a field; null where the link has none. */
  take(key: string): string | null {
    this.#used.add(key);
    return this.#fields.get(key);
  }

  refuse(key: string, value: string, reason: string): void {
    this.problems.push({ key, value: value.slice(0, 200), reason });
  }

  /** The number of a field; null where there is none, or none that is valid. */
  number(key: string, { min, max, integer }: { min: number; max: number; integer: boolean }): number | null {
    const value = this.take(key);
    if (value === null) return null;
    const parsed = Number(value);
    if (value.trim() !== '' && Number.isFinite(parsed) && parsed >= min && parsed <= max && (!integer || Number.isInteger(parsed)))
      return parsed + 0; // -0 is written as 0
    this.refuse(key, value, `It must be a ${integer ? 'whole number' : 'number'} from ${min} to ${max}.`);
    return null;
  }

  /** One of a few words; null where there is none, or none of them. */
  choice<T extends string>(key: string, options: readonly T[]): T | null {
    const value = this.take(key);
    if (value === null) return null;
    const found = options.find((option) => option === value);
    if (found === undefined) this.refuse(key, value, `It must be one of ${options.join(', ')}.`);
    return found ?? null;
  }

  /** Refuses every field that nobody took, and those beyond the first of a name. */
  finish(): readonly LinkProblem[] {
    const seen = new Set<string>();
    for (const [key, value] of this.#fields) {
      if (!this.#used.has(key)) this.refuse(key, value, 'This page knows no such setting.');
      else if (seen.has(key)) this.refuse(key, value, 'It stands in the link more than once; the first one is used.');
      seen.add(key);
    }
    return this.problems;
  }
}

/** Opens a link's hash. A bad link opens as far as it can be read; whether there is a view of that name is for the page to say. */
export function readLink(hash: string, most = longest): { view: string; reader: LinkReader } {
  const text = hash.replace(/^#/, '');
  if (text.length > most) {
    const reader = new LinkReader(new URLSearchParams());
    reader.refuse(
      'link',
      `${text.slice(0, 40)}…`,
      `It has ${text.length} characters; at most ${most} are read. The page shows its defaults.`,
    );
    return { view: firstView, reader };
  }
  const reader = new LinkReader(new URLSearchParams(text));
  const written = reader.take('v');
  if (text !== '' && written !== String(version))
    reader.refuse('v', written ?? '', `This page reads links of version 1 and 2; what it understands of this one is used.`);
  return { view: reader.take('view') ?? firstView, reader };
}
