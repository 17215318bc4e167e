import { tokens } from '../../atlas/toys/displacement/no-over-never.ts';
import { list, named, optional, type TextCodec, text } from '../../shell/links/fields.ts';
import { areGroups, type Group, longestName, mostGroups, sorted } from './groups.ts';

const answer = named(tokens.map((word, token): [string, number] => [word, token]));
const members = list(answer, '.', { min: 2, max: tokens.length - 1 }, '');

/** As No.Never, or No.Never*refusals with the reader's own name. */
const group: Omit<TextCodec<Group>, 'rule'> = {
  read: (written) => {
    const [answers = '', name, ...more] = written.split('*', 3);
    const read = members.read(answers);
    if (!read || more.length > 0) return null;
    return name === undefined ? { tokens: read } : { tokens: read, name };
  },
  write: (one) => `${members.write(one.tokens)}${one.name === undefined ? '' : `*${one.name}`}`,
};
const some = list(group, '_', { min: 1, max: mostGroups }, '');
const groups: TextCodec<readonly Group[]> = {
  read: (written) => {
    const read = some.read(written);
    return read && areGroups(read, tokens) ? sorted(read) : null;
  },
  write: some.write,
  rule: `It must be one or two groups joined by _, as No.Never*refusals: two to five answers, none of them twice, and perhaps a name, of at most ${longestName} letters, digits and spaces, that is no answer’s.`,
};

/** Answers that are shown as one; undefined where each is shown alone. */
export const groupField = optional(text('group', groups, []));
