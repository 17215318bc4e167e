/** What a link opens that names nothing: by its name in links of versions 1 and 2, and by its route since version 3. */
const first = { id: 'displacement', route: 'why' };

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
  /** one of the view's rooms, where it is not at its own place: 'paper/2410.08847' */
  readonly room?: string | null;
}

/**
 * Version of the format that is written: `/why/map?v=3&key=value`, the place first. A link without a place is one of version 1, which names
 * its view in a field, or of version 2, a packed version 1 (packed-link.ts). All are read for ever, and no key of theirs has another
 * meaning in a later one.
 */
export const version = 3;
/** Longest link that is read, in characters without '#'; a packed one may hold more. */
export const longest = 8000;

/** Why a version is not taken as it stands. */
export const otherVersion = 'This page reads links of versions 1, 2 and 3; what it understands of this one is used.';

/** What a text must be that is one of a few words. */
export const oneOf = (words: readonly string[]): string =>
  words.length === 1 ? `It can only be ${words[0]}.` : `It must be one of ${words.join(', ')}.`;

/** A view as links know it. */
export interface Linked {
  readonly id: string;
  readonly route: string;
  /** places below this one are the view's as well: 'paper/' */
  readonly rooms?: string;
  /** views that were, whose links it opens; their names and places go to no other */
  readonly formerly?: readonly { readonly id: string; readonly route: string }[];
}

/** The hash of a link to the view of this route, without '#'; empty where everything is the default. */
export function writeLink(route: string, { run, look, room }: LinkFields, withLook = true): string {
  const fields = new URLSearchParams({ ...run, ...(withLook ? look : {}) });
  const place = room ?? route;
  if (fields.size > 0) return `/${place}?v=${version}&${fields}`;
  return place === first.route ? '' : `/${place}`;
}

/** The hash of a link to a view as it begins, without '#', and never empty: an empty one would stay where it is. */
export const plainLink = (route: string): string => `/${route}`;

/** The place that a link's text names, without '#', and what it says of it; the route is null in the versions before 3. */
export function partsOfLink(text: string): { readonly route: string | null; readonly fields: string } {
  if (!text.startsWith('/')) return { route: null, fields: text };
  const mark = text.indexOf('?');
  const place = mark < 0 ? text : text.slice(0, mark);
  return { route: place.replace(/^\/+|\/+$/g, '') || first.route, fields: mark < 0 ? '' : text.slice(mark + 1) };
}

/** Reads the fields of a link one by one, and keeps account of what cannot be used. Nothing in a link is ever executed. */
export class LinkReader {
  readonly problems: LinkProblem[] = [];
  readonly #fields: URLSearchParams;
  readonly #used = new Set<string>();
  /** the place that the link names; null in the versions before 3 */
  readonly place: string | null;

  constructor(fields: URLSearchParams, place: string | null = null) {
    this.#fields = fields;
    this.place = place;
  }

  /** All fields as one text; a field may hold fields, with %XX in them. */
  get text(): string {
    return [...this.#fields].map((field) => field.join('=')).join('&');
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
    if (found === undefined) this.refuse(key, value, oneOf(options));
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

/** What a link opens: the view of a route, or, in the versions before 3, the view of a name. */
export interface OpenedLink {
  readonly route: string | null;
  /** where there is no route */
  readonly view: string;
  readonly reader: LinkReader;
}

/** Whether a link opens this view. */
export const isLinkTo = ({ route, view }: Omit<OpenedLink, 'reader'>, one: Linked): boolean =>
  [one, ...(one.formerly ?? [])].some(({ id, route: own }) => (route === null ? view === id : route === own)) ||
  (route !== null && one.rooms !== undefined && route.startsWith(one.rooms));

/** Opens a link's hash. A bad link opens as far as it can be read; whether there is a view there is for the page to say. */
export function readLink(hash: string, most = longest): OpenedLink {
  const text = hash.replace(/^#/, '');
  if (text.length > most) {
    const reader = new LinkReader(new URLSearchParams());
    reader.refuse(
      'link',
      `${text.slice(0, 40)}…`,
      `It has ${text.length} characters; at most ${most} are read. The page shows its defaults.`,
    );
    return { route: null, view: first.id, reader };
  }
  const { route, fields } = partsOfLink(text);
  const reader = new LinkReader(new URLSearchParams(fields), route);
  const written = reader.take('v');
  if (fields !== '' && written !== (route === null ? '1' : String(version))) reader.refuse('v', written ?? '', otherVersion);
  return { route, view: (route === null ? reader.take('view') : null) ?? first.id, reader };
}
