import type { ToySettings } from '../../atlas/toys/no-over-never.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { readDisplacement, writeDisplacement } from './displacement-link.ts';
import { experimentOf } from './experiment.ts';
import { Session } from './session.svelte.ts';

export { default as component } from './DisplacementView.svelte';

export async function open({ engine, calm, keep, reader }: Given): Promise<ViewState<Session>> {
  const lab = await Session.create(engine, { calm, ...(reader ? { link: readDisplacement(reader) } : {}) });
  lab.keep = keep;
  if (engine.engine) void lab.changeEngine();
  return {
    lab,
    fields: () => writeDisplacement(lab.link),
    restore: (link) => lab.restore(readDisplacement(link)),
    change: (change) => lab.change(change as Partial<ToySettings>),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
    get experiment() {
      return experimentOf(lab.settings);
    },
    get undo() {
      return lab.canUndo ? () => lab.undo() : null;
    },
  };
}
