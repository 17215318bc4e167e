import { sameJson } from '../../core/same.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { contenders } from './contenders.ts';
import { StopLab } from './stop.svelte.ts';
import { readStop, writeStop } from './stop-link.ts';
import { defaultStop, type StopSettings } from './stop-settings.ts';

export { default as component } from './StopView.svelte';

/** The other views have a loss of their own, and a reference that stays. */
const sharedOf = ({ own: _, sync: __, ...shared }: StopSettings) => shared;

export async function open({ engine, calm, keep, reader }: Given): Promise<ViewState<StopLab>> {
  const lab = await StopLab.create(engine, { calm, ...(reader ? { link: readStop(reader) } : {}) });
  lab.keep = keep;
  if (engine.engine) void lab.changeEngine();
  return {
    lab,
    fields: () => writeStop(lab.link),
    restore: (link) => lab.restore(readStop(link)),
    sharing: {
      usual: sharedOf(defaultStop),
      get: () => sharedOf(lab.settings),
      // the eight have losses of their own; one that is none of them is the reader's
      take: ({ objective, ...change }) => {
        const own = objective && !contenders.some((one) => sameJson(one.objective, objective)) ? { own: objective } : {};
        if (Object.keys({ ...change, ...own }).length > 0) lab.change({ ...change, ...own });
      },
    },
    change: (change) => lab.change(change as Partial<StopSettings>),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
  };
}
