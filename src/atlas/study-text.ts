import { mean } from '../core/numerics.ts';
import type { ClaimResult } from './judge-claim.ts';
import type { Bound, Column, Study, StudyClaim, StudyTable } from './study.ts';

const limitOf = (bound: Bound): number => ('atLeast' in bound ? bound.atLeast : bound.atMost);
const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

function columnText(study: Study, [arm, measure]: Column<string, string>): string {
  const [of, measured] = [study.arms[arm]?.label ?? arm, study.measures[measure]?.label ?? measure];
  return Object.keys(study.arms).length > 1 ? `${measured} (${of})` : measured;
}

/** What must be there for a claim to hold, in words. */
export function requirementText(study: Study, { left, right, by, bound }: StudyClaim): string {
  const of = right ? `${columnText(study, left)} less ${columnText(study, right)}` : columnText(study, left);
  const sense = 'atLeast' in bound ? `at least ${bound.atLeast}` : `at most ${bound.atMost}`;
  if (by === 'mean') return `${of}: ${sense} on average over the seeds`;
  if (by === 'each') return `${of}: ${sense} in every seed`;
  if ('share' in by) return `${of}: ${sense} in ${percent(by.share)} of all seeds`;
  return `${of}: ${sense} at the ${percent(by.quantile)} quantile over the seeds, of either side by itself`;
}

const named = (text: string): string => `\\mathrm{${text.replaceAll('_', '\\_')}}`;
const columnTex = ([arm, measure]: Column<string, string>, wrap = ''): string =>
  wrap ? `${wrap}\\!\\left[${named(measure)}_{${named(arm)}}\\right]` : `${named(measure)}_{${named(arm)}}`;

/** The same as a formula, in the names of the table's columns. */
export function requirementTex({ left, right, by, bound }: Pick<StudyClaim, 'left' | 'right' | 'by' | 'bound'>): string {
  const sign = 'atLeast' in bound ? '\\ge' : '\\le';
  const wrap = typeof by === 'object' && 'quantile' in by ? `Q_{${by.quantile}}` : by === 'mean' ? '\\mathbb E' : '';
  const inner = `${columnTex(left, wrap)}${right ? ` - ${columnTex(right, wrap)}` : ''}`;
  const compared = `${inner} ${sign} ${limitOf(bound)}`;
  if (by === 'each') return `\\forall\\,\\mathrm{seed}:\\ ${compared}`;
  return typeof by === 'object' && 'share' in by ? `\\Pr\\!\\left(${compared}\\right) \\ge ${by.share}` : compared;
}

/** What came out of a claim, in words. */
export function resultText({ by, bound }: Pick<StudyClaim, 'by' | 'bound'>, { verdict, values, reached }: ClaimResult): string {
  const number = (value: number): string => String(Number(value.toPrecision(3)));
  if (by === 'mean') return `${verdict}: ${number(mean(values))} on average over ${values.length} seeds`;
  if (typeof by === 'object' && 'quantile' in by) return `${verdict}: ${number(mean(values))} against ${limitOf(bound)}`;
  return `${verdict}: ${reached} of ${values.length} seeds`;
}

const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The table as CSV, a line for each arm and seed. `seed` is the first. */
export function tableCsv(table: StudyTable, seed = 1): string {
  const measures = [...new Set(Object.values(table).flatMap((columns) => Object.keys(columns)))];
  const rows = Object.entries(table).flatMap(([arm, columns]) =>
    (columns[measures[0] ?? ''] ?? []).map((_, i) => [arm, seed + i, ...measures.map((name) => columns[name]?.[i] ?? Number.NaN)]),
  );
  return `${[['arm', 'seed', ...measures], ...rows].map((row) => row.map((value) => cell(String(value))).join(',')).join('\n')}\n`;
}
