import type { Given, ViewState } from '../../shell/view.ts';
import { CatalogueLab } from './catalogue.svelte.ts';
import { readCatalogue, writeCatalogue } from './catalogue-link.ts';

export { default as component } from './CatalogueView.svelte';

export function open({ reader }: Given): ViewState<CatalogueLab> {
  const lab = new CatalogueLab();
  if (reader) lab.restore(readCatalogue(reader));
  return { lab, fields: () => writeCatalogue(lab.link), restore: (link) => lab.restore(readCatalogue(link)) };
}
