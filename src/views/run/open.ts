import type { ReadData } from '../../data/read-data-types.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { RunLab } from './run.svelte.ts';
import { readRun, writeRun } from './run-link.ts';

export { default as component } from './RunView.svelte';

/** What another view has opened and found to be a log. */
interface Handed {
  readonly opened?: { readonly name: string; readonly data: ReadData };
}

export function open({ reader }: Given): ViewState<RunLab> {
  const lab = new RunLab();
  if (reader) lab.restore(readRun(reader));
  return {
    lab,
    fields: () => writeRun(lab.link),
    restore: (link) => lab.restore(readRun(link)),
    change: (change) => {
      const { opened } = change as Handed;
      if (opened?.data.kind === 'log') lab.show(opened.name, opened.data);
    },
    holdsFiles: () => lab.holdsFiles,
  };
}
