import { toyVectors } from '../../atlas/toys/displacement/no-over-never.ts';
import type { Given, ViewState } from '../../shell/view.ts';
import { SimplexLab } from './simplex.svelte.ts';
import { defaultSimplex } from './simplex.ts';
import { readSimplex, writeSimplex } from './simplex-link.ts';

export { default as component } from './SimplexView.svelte';

export function open({ reader }: Given): ViewState<SimplexLab> {
  const lab = new SimplexLab();
  if (reader) lab.restore(readSimplex(reader));
  return {
    lab,
    fields: () => writeSimplex(lab.link),
    restore: (link) => lab.restore(readSimplex(link)),
    sharing: {
      usual: { objective: defaultSimplex.objective, vectors: toyVectors },
      get: () => ({ objective: lab.settings.objective, vectors: lab.settings.vectors ?? toyVectors }),
      take: ({ objective, vectors }) => {
        if (objective || vectors) lab.change({ ...(objective ? { objective } : {}), ...(vectors ? { vectors } : {}) });
      },
    },
  };
}
