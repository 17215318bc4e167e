import type { Given, ViewState } from '../../shell/runs/view-state.ts';
import { readMap, writeMap } from './map-link.ts';
import { PhaseMap } from './phase-map.svelte.ts';

export function open({ session, reader }: Given): ViewState<PhaseMap> {
  const lab = new PhaseMap(() => session.engine, ...(reader ? [readMap(reader)] : []));
  return {
    lab,
    fields: () => writeMap(lab.state),
    restore: (link) => lab.restore(readMap(link)),
    setHidden: (hidden) => (hidden ? lab.pause() : lab.begin()),
    changeEngine: () => lab.changeEngine(),
  };
}
