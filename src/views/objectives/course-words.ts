import { settings } from '../../atlas/behaviour/behaviour.ts';
import { tokens } from '../../atlas/toys/displacement/no-over-never.ts';
import type { Move } from '../../core/regime.ts';
import { word } from '../../core/word.ts';
import { percent } from '../../shell/controls/format.ts';
import type { CatalogueEntry } from './catalogue-view.ts';

const [chosen = ''] = tokens;

/** What the chosen answer does, as a filter names it. */
export const courseWords: Readonly<Record<Move, string>> = {
  falls: `${chosen} falls`,
  stays: `${chosen} stays`,
  rises: `${chosen} rises`,
};

type Run = NonNullable<CatalogueEntry['measured']>['shared'];

/** Where the chosen answer was and is after the first updates. */
export const afterWords = ({ start, after }: Run): string => `${percent(start)} → ${percent(after)}`;

/** Where it is after the long run, and who leads there where it does not. */
export function laterWords({ diverged, end, leader }: Run): string {
  if (diverged !== null) return `not finite from update ${diverged} on`;
  return tokens[leader] === chosen ? percent(end) : `${percent(end)}, “${tokens[leader]}” leads`;
}

/** In one line: what came out in the short run, and that it turned in the long one. */
export function courseLine({ course, measured }: Pick<CatalogueEntry, 'course' | 'measured'>): { does: string; later: string | null } {
  if (!course || !measured) return { does: '–', later: null };
  const { start, end, diverged } = measured.shared;
  const isBack = course === 'falls' && diverged === null && end > start - 0.05;
  return { does: courseWords[course], later: isBack ? `${word('back by')} ${settings.longUpdates}` : null };
}
