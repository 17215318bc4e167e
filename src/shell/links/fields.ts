import { type LinkFields, type LinkReader, oneOf } from './link.ts';

/** A setting of a link: reading, writing and what is said of a text that cannot be used. Nothing is written where it is the default. */
export interface Field<T> {
  /** the default where the link has none that can be read */
  readonly read: (reader: LinkReader) => T;
  readonly write: (value: T) => Record<string, string>;
}

/** How a value is a text. */
export interface TextCodec<T> {
  /** null: the text is none of such a value */
  readonly read: (text: string) => T | null;
  readonly write: (value: T) => string;
  /** what the text must be, in a sentence */
  readonly rule: string;
}

type Limits = Parameters<LinkReader['number']>[1];

/** A default may be no value at all: null, or undefined for a setting that is left out. */
function fieldOf<T, Usual extends T | null>(
  key: string,
  read: (reader: LinkReader) => T | null,
  usual: Usual,
  textOf: (value: T) => string,
): Field<T | Usual> {
  const write = (value: T | Usual): string | null => (value === null ? null : textOf(value));
  return {
    read: (reader) => read(reader) ?? usual,
    write: (value) => {
      const text = write(value);
      return text === null || text === write(usual) ? {} : { [key]: text };
    },
  };
}

export const number = <Usual extends number | null>(key: string, limits: Limits, usual: Usual): Field<number | Usual> =>
  fieldOf<number, Usual>(key, (reader) => reader.number(key, limits), usual, String);

/** One of a few words. */
export const choice = <T extends string>(key: string, words: readonly T[], usual: T): Field<T> =>
  fieldOf<T, T>(key, (reader) => reader.choice(key, words), usual, String);

export const text = <T, Usual extends T | null>(key: string, codec: TextCodec<T>, usual: Usual): Field<T | Usual> => {
  const read = (reader: LinkReader): T | null => {
    const written = reader.take(key);
    const value = written === null ? null : codec.read(written);
    if (written !== null && value === null) reader.refuse(key, written, codec.rule);
    return value;
  };
  return fieldOf<T, Usual>(key, read, usual, codec.write);
};

/** One of a few values, each with a word. */
export const named = <T>(values: readonly (readonly [word: string, value: T])[]): TextCodec<T> => ({
  read: (written) => values.find(([word]) => word === written)?.[1] ?? null,
  write: (value) => values.find(([, each]) => each === value)?.[0] ?? '',
  rule: oneOf(values.map(([word]) => word)),
});

/** Values joined by a sign, from `min` to `max` of them: none is read where there are more. */
export const list = <T>(
  item: Omit<TextCodec<T>, 'rule'>,
  sign: string,
  { min, max }: { readonly min: number; readonly max: number },
  rule: string,
): TextCodec<readonly T[]> => ({
  read: (written) => {
    const parts = written === '' ? [] : written.split(sign, max + 1);
    const values = parts.length < min || parts.length > max ? null : parts.map(item.read);
    const known = values?.filter((value) => value !== null);
    return known?.length === parts.length ? known : null;
  },
  write: (values) => values.map(item.write).join(sign),
  rule,
});

/** A field whose value must also pass a test, or it is refused under this key. */
export const checked = <T>(field: Field<T>, key: string, usual: T, test: (value: T) => boolean, rule: string): Field<T> => ({
  read: (reader) => {
    const value = field.read(reader);
    if (test(value)) return value;
    reader.refuse(key, reader.take(key) ?? '', rule);
    return usual;
  },
  write: field.write,
});

/** A setting that is undefined where it is the default. */
export const optional = <T>({ read, write }: Field<T>): Field<T | undefined> => ({
  read: (reader) => {
    const value = read(reader);
    return Object.keys(write(value)).length === 0 ? undefined : value;
  },
  write: (value) => (value === undefined ? {} : write(value)),
});

/** Of each setting its field; a function of the settings above it where the default or the limits depend on them. */
type Fields<T> = { readonly [Key in keyof T]-?: Field<T[Key]> | ((above: T) => Field<T[Key]>) };

/** Several settings, read and written in the order of the table. */
export function table<T extends object>(fields: Fields<T>): Field<T> {
  const keys = Object.keys(fields) as (keyof T)[];
  const at = <Key extends keyof T>(key: Key, above: T): Field<T[Key]> => {
    const field = fields[key];
    return typeof field === 'function' ? field(above) : field;
  };
  return {
    read: (reader) => {
      const values = {} as T; // each field asks only for those above it
      for (const key of keys) {
        const value = at(key, values).read(reader);
        if (value !== undefined) values[key] = value;
      }
      return values;
    },
    write: (values) => Object.fromEntries(keys.flatMap((key) => Object.entries(at(key, values).write(values[key])))),
  };
}

/** Two tables in one. */
export const both = <A extends object, B extends object>(first: Field<A>, second: Field<B>): Field<A & B> => ({
  read: (reader) => ({ ...first.read(reader), ...second.read(reader) }),
  write: (values) => ({ ...first.write(values), ...second.write(values) }),
});

/** What a view puts into a link: settings, and what is looked at, whose limits may depend on them. */
export const viewLink = <Run extends object, Look extends object>(run: Field<Run>, lookAt: (run: Run) => Field<Look>) => ({
  read: (reader: LinkReader): Run & Look => {
    const settings = run.read(reader);
    return { ...settings, ...lookAt(settings).read(reader) };
  },
  write: (state: Run & Look): LinkFields => ({ run: run.write(state), look: lookAt(state).write(state) }),
});

/** The step that is shown; null: the last. */
export const shownStep = ({ settings }: { readonly settings: { readonly steps: number } }) =>
  table<{ readonly step: number | null }>({ step: number('step', { min: 0, max: settings.steps, integer: true }, null) });
