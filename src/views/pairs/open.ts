import type { Given, ViewState } from '../../shell/view.ts';
import { PairsLab } from './pairs.svelte.ts';
import { readPairs, writePairs } from './pairs-link.ts';

export { default as component } from './PairsPanel.svelte';

export function open({ reader }: Given): ViewState<PairsLab> {
  const lab = new PairsLab();
  if (reader) lab.change(readPairs(reader));
  return {
    lab,
    fields: () => writePairs(lab.settings),
    restore: (link) => lab.change(readPairs(link)),
    holdsFiles: () =>
      lab.found !== null || (lab.file.isChosen && !lab.isSample) || [lab.own.logps, lab.own.hidden].some(({ isChosen }) => isChosen),
  };
}
