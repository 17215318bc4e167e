import { optional, type TextCodec, text } from '../../shell/links/fields.ts';

/** What a reader thinks of an answer that the data does not speak of. */
export type TokenMark = 'acceptable' | 'harmful';
/** [tokens]; null: unmarked, as both tokens of the pair are */
export type TokenMarks = readonly (TokenMark | null)[];

/** The page begins with the opposite of the chosen answer marked: “Yes” and “Sure” over “No”. */
export const defaultMarks: TokenMarks = [null, null, 'harmful', 'harmful', null, null];

const marks: TextCodec<TokenMarks> = {
  read: (written) =>
    /^\.\.[.ah]{4}$/.test(written)
      ? [...written].map((letter) => (letter === 'a' ? 'acceptable' : letter === 'h' ? 'harmful' : null))
      : null,
  write: (all) => all.map((mark) => mark?.slice(0, 1) ?? '.').join(''),
  rule: 'It must be two dots, then one letter for each other token: a for acceptable, h for harmful, a dot for neither.',
};

/** The marks of a link; undefined where they are those that the page begins with. */
export const marksField = optional(text('marks', marks, defaultMarks));
