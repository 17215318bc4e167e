import type { ToySettings } from '../../atlas/toys/displacement/no-over-never.ts';
import { overOf } from '../../objectives/over.ts';
import { defaultExperiment, experimentOf, type SharedExperiment } from '../../shell/experiment/shared-experiment.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { readDisplacement, writeDisplacement } from './displacement-link.ts';
import { Session } from './session.svelte.ts';

export { default as component } from './DisplacementView.svelte';

/** Other views train on pairs, with a reference that stays: a loss of groups stays here, with its step size, and so does how the reference moves. */
function sharingOf(settings: ToySettings): { shared: Partial<SharedExperiment>; own: Partial<ToySettings> } {
  const { objective, learningRate, ...rest } = experimentOf(settings);
  const loss = { objective, learningRate };
  const moving = settings.sync ? { sync: settings.sync } : {};
  return overOf(objective) === 'groups' ? { shared: rest, own: { ...loss, ...moving } } : { shared: { ...loss, ...rest }, own: moving };
}

export async function open({ engine, calm, keep, reader }: Given): Promise<ViewState<Session>> {
  const lab = await Session.create(engine, { calm, ...(reader ? { link: readDisplacement(reader) } : {}) });
  lab.keep = keep;
  if (engine.engine) void lab.changeEngine();
  return {
    lab,
    fields: () => writeDisplacement(lab.link),
    restore: (link) => lab.restore(readDisplacement(link)),
    sharing: {
      usual: defaultExperiment,
      get: () => sharingOf(lab.settings).shared,
      own: () => sharingOf(lab.settings).own,
      take: ({ objective, ...rest }) => {
        // A loss without its step size comes from a view that has none: it gets one that pushes as hard as the present loss does.
        if (objective && rest.learningRate === undefined) lab.choose(objective);
        const change = objective && rest.learningRate !== undefined ? { objective, ...rest } : rest;
        if (Object.keys(change).length > 0) lab.change(change);
      },
    },
    change: (run) => lab.adopt(run as ToySettings),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
    get undo() {
      return lab.canUndo ? () => lab.undo() : null;
    },
  };
}
