import { type Exports, engineName } from './export.ts';
import { setting } from './format.ts';
import { writeLink } from './link.ts';
import { cellValues } from './map-axes.ts';
import { writeMap } from './map-link.ts';
import { metrics } from './map-metrics.ts';
import type { PhaseMap } from './phase-map.svelte.ts';

/** The finest level of the phase map that has been trained. */
export function mapExports(map: PhaseMap): Exports {
  const { x, y, base, levels, session, objective, present } = map;
  const level = levels.at(-1);
  if (!level) throw new Error('Nothing has been trained yet.');
  const { count, result } = level;
  const [xs, ys] = [cellValues(x.range, count), cellValues(y.range, count)];
  return {
    name: 'phase-map',
    seen: `${map.metric?.label ?? 'Regimes'} of the “No over Never” toy over ${x.label} and ${y.label}, under ${objective.title}.`,
    state: `${count} × ${count} runs of ${base.steps} updates${present ? `, cross at ${setting(x.value(base))}, ${setting(y.value(base))}` : ''}`,
    seed: null,
    engine: engineName(session.engine?.backend),
    hash: writeLink('map', writeMap(map.state)),
    table: () => ({
      columns: [x.label, y.label, ...metrics.map(({ label, unit }) => (unit ? `${label} (${unit})` : label)), 'diverged runs'],
      rows: ys.flatMap((up, row) =>
        xs.map((across, column) => {
          const cell = row * count + column;
          return [across, up, ...metrics.map((metric) => metric.values(result)[cell] ?? Number.NaN), result.diverged[cell] ?? 0];
        }),
      ),
    }),
    data: () => ({ base, x: { label: x.label, values: xs }, y: { label: y.label, values: ys }, result }),
    objective: base.objective,
  };
}
