import { extent, scaleUtc, utcMonth, utcYear } from 'd3';
import type { Theme } from '../../../atlas/themes.ts';
import { firstMonth } from '../../../atlas/ways/first-month.ts';
import type { Entry, Section } from '../find.ts';

/** All in pixels of the drawing. */
export interface Mark {
  readonly entry: Entry;
  readonly x: number;
  readonly y: number;
}
export interface Lane {
  readonly theme: Theme;
  readonly heading: string;
  readonly top: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}
export interface TimelinePicture {
  readonly lanes: readonly Lane[];
  /** where years begin */
  readonly years: readonly { readonly at: number; readonly text: string }[];
  /** where the time begins and ends */
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

/** Room of a mark, which is a link: no two stand nearer, in any direction. */
export const markRoom = 24;
const [padding, heading, axis] = [5, 24, 24];
/** Below this width a lane's name stands above its marks. */
const wide = 820;

/** A lane for each theme, a mark for each paper at the month of its first version; marks that would cover each other stand one above the other. */
export function timelineOf(sections: readonly Section[], width: number): TimelinePicture {
  const themed = sections.flatMap((section) => (section.theme === null ? [] : [{ ...section, theme: section.theme }]));
  const months = themed.flatMap(({ entries }) => entries.map(({ id }) => firstMonth(id)));
  const [first = new Date(), last = new Date()] = extent(months);
  const isWide = width >= wide;
  const [left, right] = [isWide ? 224 : 0, width];
  const domain = [utcMonth.offset(first, -1), utcMonth.offset(last, 1)] as const;
  const x = scaleUtc(domain, [left + markRoom / 2, right - markRoom / 2]);
  let top = axis; // the years stand above
  const lanes = themed.map(({ theme, heading: name, entries }): Lane => {
    /** of each level, where its last mark stands */
    const ends: number[] = [];
    const placed = entries
      .map((entry) => ({ entry, at: x(firstMonth(entry.id)) }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ entry, at }) => {
        const free = ends.findIndex((end) => at - end >= markRoom);
        const level = free < 0 ? ends.length : free;
        ends[level] = at;
        return { entry, at, level };
      });
    const above = padding + (isWide ? 0 : heading);
    const height = above + ends.length * markRoom + padding;
    const lane = {
      ...{ theme, heading: name, top, height },
      marks: placed.map(({ entry, at, level }) => ({ entry, x: at, y: top + above + (level + 0.5) * markRoom })),
    };
    top += height;
    return lane;
  });
  const years = utcYear.range(domain[0], domain[1]).map((year) => ({ at: x(year), text: String(year.getUTCFullYear()) }));
  return { lanes, years, left, right, height: top };
}
