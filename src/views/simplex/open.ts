import { chosenToken, rejectedToken, toyVectors } from '../../atlas/toys/displacement/no-over-never.ts';
import { sharedOf } from '../../shell/experiment/shared-part.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { SimplexLab } from './simplex.svelte.ts';
import { defaultSimplex } from './simplex.ts';
import { readSimplex, writeSimplex } from './simplex-link.ts';

export { default as component } from './SimplexView.svelte';

const partOf = ({ settings: { objective, vectors = toyVectors } }: SimplexLab) => ({ objective, vectors });

export function open({ reader }: Given): ViewState<SimplexLab> {
  const lab = new SimplexLab();
  if (reader) lab.restore(readSimplex(reader));
  return {
    lab,
    fields: () => writeSimplex(lab.link),
    restore: (link) => lab.restore(readSimplex(link)),
    sharing: {
      usual: { objective: defaultSimplex.objective, vectors: toyVectors },
      get: () => sharedOf(partOf(lab)).shared,
      own: () => sharedOf(partOf(lab)).own,
      // of another pair it shows the loss alone
      shows: () => {
        const { shared } = sharedOf(partOf(lab));
        const { vectors: _, ...loss } = shared;
        return lab.settings.chosen === chosenToken && lab.settings.rejected === rejectedToken ? shared : loss;
      },
      take: ({ objective, vectors }) => {
        if (objective || vectors) lab.change({ ...(objective ? { objective } : {}), ...(vectors ? { vectors } : {}) });
      },
    },
  };
}
