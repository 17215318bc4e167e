import { experimentOf, type SharedExperiment } from '../../shell/experiment/shared-experiment.ts';
import { sharedOf } from '../../shell/experiment/shared-part.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { readMap, writeMap } from './map-link.ts';
import { PhaseMap } from './phase-map.svelte.ts';
import { isSharedToy } from './readers-run.ts';

export { default as component } from './MapView.svelte';

/** What the runs of the map have as the reader's own run has it, the numbers of the axes included. */
function shows({ readersRun, base }: PhaseMap): Partial<SharedExperiment> {
  if (!readersRun) return {};
  const other = readersRun.differs.map(({ field }) => field);
  return Object.fromEntries(Object.entries(experimentOf(base)).filter(([field]) => !other.includes(field as keyof SharedExperiment)));
}

export function open({ engine: owner, reader }: Given): ViewState<PhaseMap> {
  const lab = new PhaseMap(() => owner.engine, ...(reader ? [readMap(reader)] : []));
  return {
    lab,
    fields: () => writeMap(lab.state),
    restore: (link) => lab.restore(readMap(link)),
    sharing: {
      usual: {},
      get: () => sharedOf(lab.given).shared,
      own: () => sharedOf(lab.given).own,
      shows: () => shows(lab),
      // other toys have other settings: they show another experiment
      take: (change) => {
        if (isSharedToy(lab.base)) lab.change(change);
      },
    },
    setHidden: (hidden) => (hidden ? lab.pause() : lab.begin()),
    changeEngine: () => lab.changeEngine(),
  };
}
