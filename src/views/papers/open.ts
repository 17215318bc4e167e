import type { Given, ViewState } from '../../shell/view.ts';
import { PapersLab } from './papers.svelte.ts';
import { readPapers, writePapers } from './papers-link.ts';

export { default as component } from './PapersView.svelte';

export function open({ engine, reader }: Given): ViewState<PapersLab> {
  const lab = new PapersLab(engine);
  if (reader) lab.restore(readPapers(reader));
  return {
    lab,
    fields: () => writePapers(lab.link),
    restore: (link) => lab.restore(readPapers(link)),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
  };
}
