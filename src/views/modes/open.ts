import type { Given, ViewState } from '../../shell/view.ts';
import { ModesLab } from './modes.svelte.ts';
import { readModes, writeModes } from './modes-link.ts';

export { default as component } from './ModesView.svelte';

export function open({ calm, keep, reader }: Given): ViewState<ModesLab> {
  const lab = new ModesLab({ calm });
  lab.keep = keep;
  if (reader) lab.restore(readModes(reader));
  return { lab, fields: () => writeModes(lab.link), restore: (link) => lab.restore(readModes(link)) };
}
