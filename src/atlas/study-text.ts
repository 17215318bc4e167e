import { mean } from '../core/numerics.ts';
import type { Engine } from '../train/engine.ts';
import { type ClaimResult, comparisonsOf, limitOn } from './judge-claim.ts';
import type { Bound, Column, Comparison, Study, StudyClaim, StudyTable } from './study.ts';

const limitOf = (bound: Bound): number | Readonly<Record<Engine['backend'], number>> => ('atLeast' in bound ? bound.atLeast : bound.atMost);
const short = (value: number): number => Number(value.toPrecision(3));
function limitText(bound: Bound): string {
  const limit = limitOf(bound);
  return typeof limit === 'number' ? String(limit) : `${short(limit.cpu)} on the CPU engine and ${short(limit.webgpu)} on WebGPU`;
}
const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

function columnText(study: Study, [arm, measure]: Column<string, string>): string {
  const [of, measured] = [study.arms[arm]?.label ?? arm, study.measures[measure]?.label ?? measure];
  return Object.keys(study.arms).length > 1 ? `${measured} (${of})` : measured;
}

/** What the number of a claim is of; empty where it counts seeds. */
export function measuredText(study: Study, { left, right, by }: Pick<StudyClaim, 'left' | 'right' | 'by'>): string {
  if (by === 'each' || (typeof by === 'object' && 'share' in by)) return '';
  const labelOf = ([, measure]: Column<string, string>): string => study.measures[measure]?.label ?? measure;
  if (!right) return labelOf(left);
  if (left[0] === right[0]) return `${labelOf(left)} less ${labelOf(right)}`;
  if (left[1] !== right[1]) return `${columnText(study, left)} less ${columnText(study, right)}`;
  const armOf = ([arm]: Column<string, string>): string => study.arms[arm]?.label ?? arm;
  return `${labelOf(left)}, “${armOf(left)}” less “${armOf(right)}”`;
}

/** What must be there for a claim to hold, in words. */
export function requirementText(study: Study, claim: StudyClaim): string {
  const { by, bound } = claim;
  const compared = comparisonsOf(claim).map(({ left, right }) =>
    right ? `${columnText(study, left)} less ${columnText(study, right)}` : columnText(study, left),
  );
  const worst = 'atLeast' in bound ? 'smallest' : 'largest';
  const of = compared.length > 1 ? `the ${worst} of ${compared.join('; ')}` : compared[0];
  const sense = `${'atLeast' in bound ? 'at least' : 'at most'} ${limitText(bound)}`;
  if (by === 'mean') return `${of}: ${sense} on average over the seeds`;
  if (by === 'each') return `${of}: ${sense} in every seed`;
  if ('share' in by) return `${of}: ${sense} in ${percent(by.share)} of all seeds`;
  return `${of}: ${sense} at the ${percent(by.quantile)} quantile over the seeds, of either side by itself`;
}

const named = (text: string): string => `\\mathrm{${text.replaceAll('_', '\\_')}}`;
const columnTex = ([arm, measure]: Column<string, string>, wrap = ''): string =>
  wrap ? `${wrap}\\!\\left[${named(measure)}_{${named(arm)}}\\right]` : `${named(measure)}_{${named(arm)}}`;

/** The same as a formula, in the names of the table's columns. */
export function requirementTex(claim: Pick<StudyClaim, 'left' | 'right' | 'and' | 'by' | 'bound'>): string {
  const { by, bound } = claim;
  const sign = 'atLeast' in bound ? '\\ge' : '\\le';
  const wrap = typeof by === 'object' && 'quantile' in by ? `Q_{${by.quantile}}` : by === 'mean' ? '\\mathbb E' : '';
  const textOf = ({ left, right }: Comparison, around: string): string =>
    `${columnTex(left, around)}${right ? ` - ${columnTex(right, around)}` : ''}`;
  const all = comparisonsOf(claim);
  const [first] = all;
  const worst = `\\${'atLeast' in bound ? 'min' : 'max'}\\!\\left\\{${all.map((each) => textOf(each, '')).join(',\\ ')}\\right\\}`;
  const inner = all.length > 1 || !first ? `${wrap ? `${wrap}\\,` : ''}${worst}` : textOf(first, wrap);
  const limit = limitOf(bound);
  const compared = `${inner} ${sign} ${typeof limit === 'number' ? limit : `\\varepsilon,\\ \\varepsilon_{\\mathrm{CPU}}=${short(limit.cpu)},\\ \\varepsilon_{\\mathrm{WebGPU}}=${short(limit.webgpu)}`}`;
  if (by === 'each') return `\\forall\\,\\mathrm{seed}:\\ ${compared}`;
  return typeof by === 'object' && 'share' in by ? `\\Pr\\!\\left(${compared}\\right) \\ge ${by.share}` : compared;
}

/** The numbers of a claim, in words, without the verdict: of other settings than the claim's they are all that can be said. */
export function numbersText(
  { by, bound }: Pick<StudyClaim, 'by' | 'bound'>,
  { values, reached }: Pick<ClaimResult, 'values' | 'reached'>,
  backend: Engine['backend'] = 'cpu',
): string {
  if (by === 'mean') return `${short(mean(values))} ${values.length === 1 ? 'in its one seed' : `on average over ${values.length} seeds`}`;
  if (typeof by === 'object' && 'quantile' in by) return `${short(mean(values))} against ${limitOn(bound, backend)}`;
  if (values.length === 1) return reached === 1 ? 'so it is in its one seed' : 'not so in its one seed';
  return `${reached} of ${values.length} seeds`;
}

/** What came out of a claim, in words. */
export const resultText = (claim: Pick<StudyClaim, 'by' | 'bound'>, result: ClaimResult, backend: Engine['backend'] = 'cpu'): string =>
  `${result.verdict}: ${numbersText(claim, result, backend)}`;

const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A line for each arm and seed, with every measure. `seed` is the first. */
export function tableLines(table: StudyTable, seed = 1): { columns: string[]; rows: (string | number)[][] } {
  const measures = [...new Set(Object.values(table).flatMap((columns) => Object.keys(columns)))];
  const rows = Object.entries(table).flatMap(([arm, columns]) =>
    (columns[measures[0] ?? ''] ?? []).map((_, i) => [arm, seed + i, ...measures.map((name) => columns[name]?.[i] ?? Number.NaN)]),
  );
  return { columns: ['arm', 'seed', ...measures], rows };
}

/** The same as CSV. */
export function tableCsv(table: StudyTable, seed = 1): string {
  const { columns, rows } = tableLines(table, seed);
  return `${[columns, ...rows].map((row) => row.map((value) => cell(String(value))).join(',')).join('\n')}\n`;
}
