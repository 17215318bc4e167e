import type { PairsData } from '../../data/read-data-types.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { type FoundFile, PairsLab } from './pairs.svelte.ts';
import { readPairs, writePairs } from './pairs-link.ts';

export { default as component } from './PairsPanel.svelte';

interface Handed {
  readonly opened?: { readonly name: string; readonly file: Blob; readonly data: PairsData | FoundFile['data'] };
}

export function open({ reader }: Given): ViewState<PairsLab> {
  const lab = new PairsLab();
  if (reader) lab.change(readPairs(reader));
  return {
    lab,
    fields: () => writePairs(lab.settings),
    restore: (link) => lab.change(readPairs(link)),
    // what another view has opened, and found to be no log
    change: (change) => {
      const { opened } = change as Handed;
      if (opened) lab.take(opened);
    },
    holdsFiles: () =>
      lab.found !== null || (lab.file.isChosen && !lab.isSample) || [lab.own.logps, lab.own.hidden].some(({ isChosen }) => isChosen),
  };
}
