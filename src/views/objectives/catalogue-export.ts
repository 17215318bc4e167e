import { settings } from '../../atlas/behaviour/behaviour.ts';
import { type Exports, texComments } from '../../shell/exports/export.ts';
import { citationText } from '../../shell/losses/citation.ts';
import type { CatalogueEntry } from './catalogue-view.ts';

/** An objective of the catalogue, as it comes. A loss of groups has its formula alone: a script needs groups. */
export function catalogueExports(entry: CatalogueEntry): Exports {
  const { id, name, of, tex, text, measured } = entry;
  return {
    name: `objective-${id.replaceAll('_', '-')}`,
    seen: `${name}. ${citationText(entry)}`,
    state: 'its parameters by default',
    seed: null,
    engine: null,
    data: () => ({ objective: id, loss: text, measured, settings }),
    ...(of === 'pair'
      ? { objectives: [{ name: id }] }
      : {
          tex: (notes: readonly string[]) =>
            [...texComments([`as typed: ${text}`, ...notes]), '', '% the loss', '\\[', `  \\ell = ${tex}`, '\\]', ''].join('\n'),
          words: { tex: 'the objective' },
        }),
  };
}
