import type { Given, ViewState } from '../../shell/view.ts';
import { StopLab } from './stop.svelte.ts';
import { readStop, writeStop } from './stop-link.ts';
import { defaultStop, type StopSettings } from './stop-settings.ts';

export { default as component } from './StopView.svelte';

const sharedOf = ({ own: _, ...shared }: StopSettings) => shared;

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
      // each of its runs has a loss of its own
      take: ({ objective: _, ...change }) => {
        if (Object.keys(change).length > 0) lab.change(change);
      },
    },
    change: (change) => lab.change(change as Partial<StopSettings>),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
  };
}
