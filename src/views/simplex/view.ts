import type { Given, ViewState } from '../../shell/runs/view-state.ts';
import { SimplexLab } from './simplex.svelte.ts';
import { readSimplex, writeSimplex } from './simplex-link.ts';

export function open({ reader }: Given): ViewState<SimplexLab> {
  const lab = new SimplexLab();
  if (reader) lab.restore(readSimplex(reader));
  return { lab, fields: () => writeSimplex(lab.link), restore: (link) => lab.restore(readSimplex(link)) };
}
