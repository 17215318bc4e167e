import { placesOf, type StudyCurve } from '../../../atlas/run-study.ts';
import type { Study, StudyPlot } from '../../../atlas/study.ts';
import { type LineStyle, type Series, sideStyles } from '../../../charts/series.ts';
import { mean } from '../../../core/numerics.ts';

const dashes = [undefined, '9 6', '2 6', '12 4 2 4'];
const marks = ['circle', 'square', 'diamond'] as const;

/** An answer's measure is drawn as that answer is everywhere; of arms the first is what the others are compared with. */
function styleOf(study: Pick<Study, 'arms' | 'measures'>, line: string, index: number, isAlone: boolean): LineStyle {
  const measure = study.measures[line];
  const isArm = line in study.arms;
  const colour = isArm && index === 0 && !isAlone ? 'var(--other-area)' : 'var(--ink)';
  const own = { id: line, label: (isArm ? study.arms[line] : measure)?.label ?? line, colour, dash: dashes[index], mark: marks[index % 3] };
  return !isArm && measure?.side ? { ...own, dash: undefined, ...sideStyles[measure.side] } : own;
}

/** A line for each arm, or for each measure of one, over updates or a parameter: the mean over seeds, and each seed thin behind it. */
export const curveSeries = (
  study: Pick<Study, 'arms' | 'measures'>,
  plot: Extract<StudyPlot, { kind: 'lines' | 'law' }>,
  curve: StudyCurve,
): Series[] =>
  Object.entries(curve).flatMap(([line, columns], index): Series[] => {
    const style = styleOf(study, line, index, Object.keys(curve).length === 1);
    const places = placesOf(plot);
    const at = (y: (column: readonly number[]) => number) => columns.map((column, k) => ({ x: places[k] ?? 0, y: y(column) }));
    return [
      ...Array.from(
        { length: columns[0]?.length ?? 0 },
        (_, seed): Series => ({
          id: `${line} ${seed}`,
          label: style.label,
          colour: style.colour,
          ghost: true,
          points: at((column) => column[seed] ?? Number.NaN),
        }),
      ),
      { ...style, points: at(mean) },
    ];
  });
