import { defaultSuffix, type SuffixSettings } from '../../atlas/toys/entanglement/shared-suffix.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { EntanglementLab } from './entanglement.svelte.ts';
import { readEntanglement, writeEntanglement } from './entanglement-link.ts';

export { default as component } from './EntanglementView.svelte';

export function open({ engine: owner, calm, keep, reader }: Given): ViewState<EntanglementLab> {
  const lab = new EntanglementLab(() => owner.engine, { calm, ...(reader ? { link: readEntanglement(reader) } : {}) });
  lab.keep = keep;
  return {
    lab,
    fields: () => writeEntanglement(lab.link),
    restore: (link) => lab.restore(readEntanglement(link)),
    sharing: {
      usual: { objective: defaultSuffix.objective },
      get: () => ({ objective: lab.settings.objective }),
      take: ({ objective }) => {
        if (objective) lab.choose(objective);
      },
    },
    change: (change) => lab.change(change as Partial<SuffixSettings>),
    setHidden: (hidden) => lab.setHidden(hidden),
    changeEngine: () => lab.changeEngine(),
  };
}
