import type { Given, ViewState } from '../../shell/runs/view-state.ts';
import { EntanglementLab } from './entanglement.svelte.ts';
import { readEntanglement, writeEntanglement } from './entanglement-link.ts';

export function open({ session, calm, keep, reader }: Given): ViewState<EntanglementLab> {
  const lab = new EntanglementLab(() => session.engine, { calm, ...(reader ? { link: readEntanglement(reader) } : {}) });
  lab.keep = keep;
  return {
    lab,
    fields: () => writeEntanglement(lab.link),
    restore: (link) => lab.restore(readEntanglement(link)),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
  };
}
