import type { RunPart } from '../../atlas/toys/forked-run.ts';
import { LinkReader } from './link.ts';

/** Most forks in a row that a link holds. */
const mostParts = 8;

/** The past of a forked run: a query string for each part, one after the other. */
export const writePast = <Part extends RunPart>(
  past: readonly Part[] = [],
  write: (part: Part) => Record<string, string>,
): Record<string, string> =>
  past.length === 0
    ? {}
    : { past: past.map((part) => new URLSearchParams({ until: String(part.until), ...write(part) }).toString()).join('~') };

/** Forks whose updates do not ascend, or with a part that cannot be read, are refused whole: half a past is another run. */
export function readPast<Part>(reader: LinkReader, steps: number, read: (part: LinkReader) => Part | null): (Part & RunPart)[] {
  const text = reader.take('past');
  if (text === null) return [];
  const parts: (Part & RunPart)[] = [];
  for (const each of text.split('~').slice(0, mostParts + 1)) {
    const inner = new LinkReader(new URLSearchParams(each));
    const until = inner.number('until', { min: (parts.at(-1)?.until ?? 0) + 1, max: steps, integer: true });
    const part = read(inner);
    const [problem] = inner.finish();
    if (problem || until === null || part === null || parts.length === mostParts) {
      reader.refuse(
        'past',
        text,
        problem
          ? `Part ${parts.length + 1}, ${problem.key}: ${problem.reason}`
          : parts.length === mostParts
            ? `A link holds at most ${mostParts} forks in a row.`
            : `Part ${parts.length + 1} needs until and lr.`,
      );
      return [];
    }
    parts.push({ ...part, until });
  }
  return parts;
}
