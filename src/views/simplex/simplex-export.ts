import { significant } from '../../shell/controls/format.ts';
import type { PageEngine } from '../../shell/engine/page-engine.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { writeLink } from '../../shell/links/link.ts';
import { nameInFull } from '../../shell/losses/objective-view.ts';
import { flowColumns, flowScript } from './export-flow.ts';
import { simplexPlace } from './place.ts';
import type { SimplexLab } from './simplex.svelte.ts';
import { cornerNames, flowFrom, pathStep, referenceOf } from './simplex.ts';
import { writeSimplex } from './simplex-link.ts';

/** The flow on the simplex: its streamlines, and the trajectories that the reader has begun. */
export function simplexExports(lab: SimplexLab, engine: PageEngine | null): Exports {
  const { settings, field, free, trajectories, trajectory, selected, time, objective } = lab;
  if (!field || !trajectory) throw new Error('Nothing has been computed yet.');
  const names = cornerNames(settings);
  const origin = trajectory.isReference ? 'the reference' : `start ${selected}`;
  const { starts, steps, corners, time: times, chosenRate } = field.lines;
  const streamline = (line: number) =>
    Array.from({ length: steps + 1 }, (_, point) => {
      const at = point * starts + line;
      return ['streamline', line, point, times[at], ...corners.map((corner) => corner[at]), chosenRate[at]].map(
        (value) => value ?? Number.NaN,
      );
    });
  return {
    name: 'simplex',
    seen: `The gradient flow of ${nameInFull(objective)} on the triangle of “${names[0]}”, “${names[1]}” and ${settings.third === 'rest' ? names[2] : `“${names[2]}”`}.`,
    state: `time ${significant(time)} of the line from ${origin}`,
    seed: null,
    engine: engineName(engine?.backend),
    hash: writeLink(simplexPlace.route, writeSimplex(lab.link)),
    table: () => ({
      columns: ['kind', 'line', ...flowColumns(names)],
      rows: [
        ...trajectories.flatMap(({ isReference, mixes, times: own, chosenRates }, line) =>
          mixes.map((mix, point) => [
            isReference ? 'from the reference' : 'trajectory',
            line,
            point,
            own[point] ?? Number.NaN,
            ...mix,
            chosenRates[point] ?? Number.NaN,
          ]),
        ),
        ...Array.from({ length: starts }, (_, line) => streamline(line)).flat(),
      ],
    }),
    data: () => ({
      settings,
      corners: names,
      reference: referenceOf(settings),
      shown: { trajectory: selected, time },
      falls: { shared: field.falls.share, free: free?.falls.share ?? null },
      boundary: field.falls.boundary,
      rest: field.rest,
      trajectories,
      streamlines: field.lines,
    }),
    objectives: [settings.objective],
    script: (options) => {
      const line = { ...pathStep, steps: trajectory.mixes.length - 1 };
      return flowScript(flowFrom(settings, 'shared', [trajectory.start], line), { ...options, corners: names });
    },
    words: {
      csv: 'all lines, point by point',
      json: 'settings, lines and shares',
      pytorch: 'a script that follows the line shown',
    },
  };
}
