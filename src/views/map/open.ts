import type { Given, ViewState } from '../../shell/view.ts';
import { readMap, writeMap } from './map-link.ts';
import { PhaseMap } from './phase-map.svelte.ts';

export { default as component } from './MapView.svelte';

export function open({ engine: owner, reader }: Given): ViewState<PhaseMap> {
  const lab = new PhaseMap(() => owner.engine, ...(reader ? [readMap(reader)] : []));
  return {
    lab,
    fields: () => writeMap(lab.state),
    restore: (link) => lab.restore(readMap(link)),
    setHidden: (hidden) => (hidden ? lab.pause() : lab.begin()),
    changeEngine: () => lab.changeEngine(),
  };
}
