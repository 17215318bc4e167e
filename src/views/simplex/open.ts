import type { Given, ViewState } from '../../shell/view.ts';
import { SimplexLab } from './simplex.svelte.ts';
import { readSimplex, writeSimplex } from './simplex-link.ts';

export { default as component } from './SimplexView.svelte';

export function open({ reader }: Given): ViewState<SimplexLab> {
  const lab = new SimplexLab();
  if (reader) lab.restore(readSimplex(reader));
  return { lab, fields: () => writeSimplex(lab.link), restore: (link) => lab.restore(readSimplex(link)) };
}
