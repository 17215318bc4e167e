import type { PageEngine } from '../../shell/engine/page-engine.ts';
import type { SharedExperiment } from '../../shell/experiment/shared-experiment.ts';
import { defaultMap, PhaseMap } from './phase-map.svelte.ts';
import { sweepAxis } from './toys/map-axes.ts';
import { mapExperiment } from './toys/map-toys.ts';

/** Compiles what the map of the experiment needs. All its levels share one program: the smallest map has it as well. */
export function ahead(engine: Pick<PageEngine, 'prepareSweep'>, experiment: SharedExperiment): Promise<void> {
  const { base, x, y } = new PhaseMap(() => null, { ...defaultMap, base: { ...defaultMap.base, ...experiment } });
  return engine.prepareSweep({ experiment: mapExperiment(base), x: sweepAxis(x, base, 2), y: sweepAxis(y, base, 2) });
}
