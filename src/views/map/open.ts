import { experimentOf } from '../../shell/experiment/shared-experiment.ts';
import { sharedOf } from '../../shell/experiment/shared-part.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { readMap, writeMap } from './map-link.ts';
import { type MapState, PhaseMap } from './phase-map.svelte.ts';
import { defaultBase } from './toys/map-toys.ts';

export { default as component } from './MapView.svelte';

const isShared = ({ base }: MapState): boolean => base.toy === defaultBase.toy;

// other toys have other settings: they show another experiment
const partOf = (state: MapState) => sharedOf(isShared(state) ? experimentOf(state.base) : {});

export function open({ engine: owner, reader }: Given): ViewState<PhaseMap> {
  const lab = new PhaseMap(() => owner.engine, ...(reader ? [readMap(reader)] : []));
  return {
    lab,
    fields: () => writeMap(lab.state),
    restore: (link) => lab.restore(readMap(link)),
    sharing: {
      usual: experimentOf(defaultBase),
      get: () => partOf(lab.state).shared,
      own: () => partOf(lab.state).own,
      take: (change) => {
        if (isShared(lab.state)) lab.change(change);
      },
    },
    setHidden: (hidden) => (hidden ? lab.pause() : lab.begin()),
    changeEngine: () => lab.changeEngine(),
  };
}
