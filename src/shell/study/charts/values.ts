import { extent, type ScaleLinear, scaleLinear } from 'd3';
import { drawnArms, drawnMeasures, type Study, type StudyTable } from '../../../atlas/study.ts';
import type { Mark } from '../../../charts/marks.ts';
import { sideStyles } from '../../../charts/series.ts';

/** One column of the table, as it is drawn. */
export interface ArmValues {
  /** the name of the arm; of the measure where several are drawn of one arm */
  readonly arm: string;
  readonly label: string;
  readonly values: readonly number[];
  /** before the last change; empty where there was none */
  readonly before: readonly number[];
  /** what the others are compared with: grey */
  readonly isBase: boolean;
  readonly mark: Mark;
  /** where it is one of the two answers, or the one that gains */
  readonly colour?: string;
}

const marks: readonly Mark[] = ['circle', 'square', 'diamond'];

/** The arm that others are compared with: plain DPO, where a study has it. */
const isPlain = (arm: string): boolean => arm === 'dpo';

/** The arms that a plot shows, with their values of one measure. */
export function armsOf(study: Study, table: StudyTable, measure: string, before: StudyTable | null = null): ArmValues[] {
  const { arms } = study;
  const shown = drawnArms(study);
  return shown.map((arm, index) => ({
    arm,
    label: arms[arm]?.label ?? arm,
    values: table[arm]?.[measure] ?? [],
    before: before?.[arm]?.[measure] ?? [],
    isBase: shown.length > 1 && isPlain(arm),
    mark: marks[index % marks.length] ?? 'circle',
  }));
}

/** The rows of a strip: a measure of each arm, or several of one arm. */
export function rowsOf(study: Study, table: StudyTable, before: StudyTable | null = null): ArmValues[] {
  const measures = drawnMeasures(study);
  if (measures.length === 1) return armsOf(study, table, measures[0] ?? '', before);
  const [arm = ''] = drawnArms(study);
  return measures.map((name, index) => {
    const { label = name, side } = study.measures[name] ?? {};
    return {
      arm: name,
      label,
      values: table[arm]?.[name] ?? [],
      before: before?.[arm]?.[name] ?? [],
      isBase: false,
      mark: marks[index % marks.length] ?? 'circle',
      ...(side ? { mark: sideStyles[side].mark, colour: sideStyles[side].colour } : {}),
    };
  });
}

/** A scale that holds all finite values with some room on either side; `zero` keeps 0 in it. */
export function scaleOf(values: readonly number[], range: readonly [number, number], zero = false): ScaleLinear<number, number> {
  const finite = values.filter(Number.isFinite);
  const [low = 0, high = 1] = extent(zero ? [0, ...finite] : finite);
  const room = high > low ? 0.06 * (high - low) : Math.max(Math.abs(high) * 0.1, 0.05);
  const from = zero && low === 0 ? 0 : low - room;
  return scaleLinear([from, high + room], range);
}

/** Where dots stand that would cover one another: levels 0, 1, -1, 2, ... away from their line. */
export function levelsOf(places: readonly number[], apart: number, most = 6): number[] {
  const taken: { readonly at: number; readonly level: number }[] = [];
  return places.map((at) => {
    let level = 0;
    while (level < most && taken.some((other) => other.level === level && Math.abs(other.at - at) < apart)) level++;
    taken.push({ at, level });
    return (level % 2 === 1 ? -1 : 1) * Math.ceil(level / 2);
  });
}

/** Height in pixels at which every row of a strip has its name above its dots. 0 for other pictures, which have no rows. */
export function leastStrip(study: Pick<Study, 'plot' | 'arms'>): number {
  if (study.plot.kind === 'scatter') return 0;
  const measures = drawnMeasures(study).length;
  return 30 * (measures > 1 ? measures : drawnArms(study).length) + 24;
}
