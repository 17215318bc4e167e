import type { RunPart } from '../../atlas/toys/forked-run.ts';
import { ranges } from '../../atlas/toys/ranges.ts';
import { type Field, number } from './fields.ts';
import { LinkReader } from './link.ts';

/** Most forks in a row that a link holds. */
const mostParts = 8;

type Part<Rest> = RunPart & { readonly learningRate: number } & Rest;

/** A part as a query string; or why it cannot be one, in a sentence. */
function readPart<Rest>(text: string, after: number, steps: number, rest: Field<Rest>): Part<Rest> | string {
  const reader = new LinkReader(new URLSearchParams(text));
  const until = number('until', { min: after + 1, max: steps, integer: true }, null).read(reader);
  const learningRate = number('lr', ranges.learningRate, null).read(reader);
  const others = rest.read(reader);
  const [problem] = reader.finish();
  if (problem) return `, ${problem.key}: ${problem.reason}`;
  return until === null || learningRate === null ? ' needs until and lr.' : { ...others, learningRate, until };
}

/**
 * The past of a forked run of this many steps: a query string for each part, one after the other. Forks whose updates do not ascend, or
 * with a part that cannot be read, are refused whole: half a past is another run.
 */
export const pastField = <Rest extends object>(steps: number, rest: Field<Rest>): Field<readonly Part<Rest>[]> => ({
  read: (reader) => {
    const text = reader.take('past');
    if (text === null) return [];
    const parts: Part<Rest>[] = [];
    for (const each of text.split('~', mostParts + 1)) {
      const part = readPart(each, parts.at(-1)?.until ?? 0, steps, rest);
      if (typeof part === 'string' || parts.length === mostParts) {
        reader.refuse(
          'past',
          text,
          typeof part === 'string' ? `Part ${parts.length + 1}${part}` : `A link holds at most ${mostParts} forks in a row.`,
        );
        return [];
      }
      parts.push(part);
    }
    return parts;
  },
  write: (past) => {
    const written = past.map((part) => ({ until: String(part.until), lr: String(part.learningRate), ...rest.write(part) }));
    return past.length === 0 ? {} : { past: written.map((part) => new URLSearchParams(part).toString()).join('~') };
  },
});
