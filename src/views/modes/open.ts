import type { Given, ViewState } from '../../shell/view.ts';
import { ModesLab } from './modes.svelte.ts';
import { openingModes } from './modes.ts';
import { linkModes, openModes } from './modes-link.ts';

export { default as component } from './ModesView.svelte';

export function open({ calm, keep, reader }: Given): ViewState<ModesLab> {
  const lab = new ModesLab({ calm });
  lab.keep = keep;
  lab.restore(reader ? openModes(reader) : { settings: openingModes, step: null });
  return { lab, fields: () => linkModes(lab.link), restore: (link) => lab.restore(openModes(link)) };
}
