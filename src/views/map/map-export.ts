import type { SweepResult } from '../../core/experiment.ts';
import { setting } from '../../shell/controls/format.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { pytorchScript } from '../../shell/exports/export-pytorch.ts';
import type { Table } from '../../shell/exports/export-table.ts';
import { writeLink } from '../../shell/links/link.ts';
import { nameInFull } from '../../shell/losses/objective-view.ts';
import { writeMap } from './map-link.ts';
import type { PhaseMap } from './phase-map.svelte.ts';
import { mapPlace } from './place.ts';
import { cellValues, type MapAxis } from './toys/map-axes.ts';
import { metricsOf, type RegimeThresholds, regimesOf, runsOf } from './toys/map-metrics.ts';
import { mapExperiment, type ToyId, toyOf } from './toys/map-toys.ts';

/** One axis of a map in a file. */
interface Column {
  readonly label: string;
  readonly values: readonly number[];
}

/**
 * Maps as a table: one row a run, with every metric and the regime that the map colours it by. What is not known of a run that diverged or
 * has not finished is left empty.
 */
export function mapTable(
  planes: readonly { readonly objective: string; readonly result: SweepResult }[],
  x: Column,
  y: Column,
  { toy, seed, thresholds }: { toy: ToyId; seed: number; thresholds: RegimeThresholds },
): Table {
  const shown = metricsOf(toy);
  const { regimes, of } = regimesOf(toy);
  const cells = x.values.length * y.values.length;
  return {
    columns: [
      'objective',
      x.label,
      y.label,
      'seed',
      ...shown.map(({ label, unit }) => (unit ? `${label} (${unit})` : label)),
      'regime',
      'state',
    ],
    rows: planes.flatMap(({ objective, result }) => {
      const runs = runsOf(result);
      return Array.from(runs.state, (state, index) => {
        const cell = index % cells;
        return [
          objective,
          x.values[cell % x.values.length] ?? Number.NaN,
          y.values[Math.floor(cell / x.values.length)] ?? Number.NaN,
          seed + Math.floor(index / cells),
          ...shown.map(({ measured }) => (state === 1 ? (runs[measured][index] ?? Number.NaN) : '')),
          state === 1 ? (regimes[of(runs, index, thresholds)]?.label ?? '') : '',
          ['not finished', 'finished', 'diverged'][state] ?? '',
        ];
      });
    }),
  };
}

/** A phase map, as far as it is trained; its script trains the run that is shown beside it, or that of the present setting. */
export function mapExports(map: PhaseMap): Exports {
  const { x, y, base, seeds, thresholds, planes, objectives, replay, bases, state } = map;
  const varied = [x, y].flatMap(({ id }) => /^p\.(.*)/.exec(id)?.[1] ?? []);
  const names = objectives.map((objective) => nameInFull(objective, varied));
  const finest = planes.flatMap(({ finest }, index) => (finest ? [{ objective: names[index] ?? '', ...finest }] : []));
  const count = finest[0]?.count;
  if (count === undefined) throw new Error('Nothing has been trained yet.');
  const levels = finest.filter((plane) => plane.count === count);
  const column = (axis: MapAxis) => ({ label: axis.label, values: cellValues(axis.range, count) });
  const { base: run, seed } = replay ? map.runAt(replay.at) : { base, seed: 0 };
  const place = [x, y].map((axis) => `${axis.label} ${setting(axis.value(run))}`).join(', ');
  const crossed = [x, y].map((axis) => `${axis.label} ${setting(axis.value(map.crossed))}`).join(', ');
  const present = map.present ? `; the cross is at ${crossed}` : '';
  return {
    name: 'phase-map',
    seen: `${toyOf(base.toy).title}: ${names.join(' and ')} over ${x.label} and ${y.label}.`,
    state: `${count} × ${count} cells, each after its last update${present}`,
    seed: seeds === 1 ? String(base.seed) : `${base.seed} to ${base.seed + seeds - 1}`,
    engine: map.engines.map(engineName).join(' and ') || null,
    hash: writeLink(mapPlace.route, writeMap(state)),
    table: () => mapTable(levels, column(x), column(y), { toy: base.toy, seed: base.seed, thresholds }),
    data: () => ({
      settings: state,
      x: column(x),
      y: column(y),
      // [seed][y][x] in each array
      maps: levels.map(({ objective, result }) => ({ objective, runs: runsOf(result) })),
    }),
    objectives: bases.map(({ objective }) => objective),
    script: (options, index) => {
      // compared objectives share the numbers of the axes, which may be parameters of each
      const own = y.set(x.set(bases[index] ?? base, x.value(run)), y.value(run));
      const { outcomes } = toyOf(base.toy);
      return pytorchScript(mapExperiment(own, seed), {
        ...options,
        title: `${options.title} The run of ${place}, seed ${base.seed + seed}.`,
        ...(outcomes ? { outcomes } : {}),
      });
    },
    words: { csv: 'the numbers, run by run', json: 'settings and all runs', pytorch: 'a script that trains the run shown' },
  };
}
