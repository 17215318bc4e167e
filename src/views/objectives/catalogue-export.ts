import { type Exports, texComments } from '../../shell/exports/export.ts';
import type { CatalogueEntry } from './catalogue-view.ts';

/** An objective of the catalogue, as it comes. A loss of groups is none of the page's runs, and has its formula alone. */
export function catalogueExports({ id, name, of, tex, text, paper, equation }: CatalogueEntry): Exports {
  const source = [paper ?? '', equation ? `equation ${equation}` : ''].filter((part) => part !== '').join(', ');
  return {
    name: `objective-${id.replaceAll('_', '-')}`,
    seen: `${name}${source === '' ? '' : `, ${source}`}.`,
    state: 'its parameters by default',
    seed: null,
    engine: null,
    ...(of === 'pair'
      ? { objectives: [{ name: id }] }
      : {
          tex: (notes: readonly string[]) =>
            [...texComments([`as typed: ${text}`, ...notes]), '', '% the loss', '\\[', `  \\ell = ${tex}`, '\\]', ''].join('\n'),
          words: { tex: 'the objective' },
        }),
  };
}
