import { type Exports, type Format, provenance, texOf, version } from './export.ts';
import { csvOf } from './export-table.ts';
import { trlScript } from './export-trl.ts';
import { type Caption, figurePng, figureSvg } from './figure-svg.ts';
import { viewObjective } from './objective-view.ts';
import { saveBlob, saveText } from './save.ts';

/** JSON with arrays for typed arrays and null for what is no number. */
const jsonOf = (value: unknown): string =>
  `${JSON.stringify(value, (_, item: unknown) => (ArrayBuffer.isView(item) ? Array.from(item as Float64Array) : item), 1)}\n`;

/** Makes one file of a view and hands it to the reader. `figure` is the panel that the reader exports from, `title` what it is called. */
export async function saveExport(format: Format, exports: Exports, figure: Element, title: string): Promise<void> {
  const link =
    exports.hash === undefined ? location.href : location.href.replace(/#.*$/, '') + (exports.hash === '' ? '' : `#${exports.hash}`);
  const notes = provenance(exports, link);
  const { name, objective } = exports;
  const panel = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const objectiveTitle = objective ? viewObjective(objective).title : '';
  const caption: Caption = [title, ...notes];
  switch (format) {
    case 'svg':
      return saveText(`prefscope-${name}-${panel}.svg`, 'image/svg+xml', figureSvg(figure, caption));
    case 'png':
      return saveBlob(`prefscope-${name}-${panel}.png`, await figurePng(figureSvg(figure, caption)));
    case 'csv':
      if (exports.table) saveText(`prefscope-${name}.csv`, 'text/csv', csvOf(exports.table(), notes));
      return;
    case 'json':
      return saveText(`prefscope-${name}.json`, 'application/json', jsonOf({ from: notes, ...(exports.data() as object) }));
    case 'tex':
      if (objective) saveText('prefscope-objective.tex', 'application/x-tex', texOf(objective, notes));
      return;
    case 'pytorch':
      if (exports.script)
        saveText(
          `prefscope_${name}.py`,
          'text/x-python',
          exports.script({ title: `${exports.seen} Exported from ${version}.`, notes: [link], objective: objectiveTitle }),
        );
      return;
    case 'trl':
      if (objective)
        saveText(
          'prefscope_trl.py',
          'text/x-python',
          trlScript(objective, {
            title: `${objectiveTitle} for a real model. Exported from ${version}.`,
            notes: [link],
            objective: objectiveTitle,
          }),
        );
      return;
    default:
      return format satisfies never;
  }
}
