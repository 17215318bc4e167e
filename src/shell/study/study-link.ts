import { list, number, type TextCodec, text } from '../links/fields.ts';

/** What a link holds of a study. */
export interface StudyLink {
  /** parameters that are not at their defaults, by name */
  readonly values: readonly (readonly [name: string, value: number])[];
  /** the first seed */
  readonly seed: number;
}

export const seedRange = { min: 1, max: 1_000_000, logarithmic: true, integer: true } as const;
const mostValues = 12;

const value: Omit<TextCodec<readonly [string, number]>, 'rule'> = {
  read: (written) => {
    const [, name, amount] = /^([A-Za-z]\w{0,30}):(-?[\d.]+(?:e[-+]?\d+)?)$/.exec(written) ?? [];
    return name !== undefined && Number.isFinite(Number(amount)) ? [name, Number(amount) + 0] : null;
  },
  write: ([name, amount]) => `${name}:${amount}`,
};
const values = list(
  value,
  '~',
  { min: 0, max: mostValues },
  `It must be parameters with their values, as in beta:0.2, joined by ~, at most ${mostValues}.`,
);
const once: typeof values = {
  ...values,
  read: (written) => {
    const read = values.read(written);
    return read && new Set(read.map(([name]) => name)).size === read.length ? read : null;
  },
};

/** The fields of a study's parameters and seed. */
export const studyFields = {
  values: text<StudyLink['values'], StudyLink['values']>('set', once, []),
  seed: number('seed', seedRange, 1),
};
