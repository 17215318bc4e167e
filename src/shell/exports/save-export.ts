import { overOf } from '../../objectives/over.ts';
import { citationText } from '../losses/citation.ts';
import { groupLosses } from '../losses/group-losses.ts';
import { viewObjective } from '../losses/objective-view.ts';
import { captionOf, linkOf } from './caption.ts';
import { type ExportItem, type Exports, provenance, texOf, version } from './export.ts';
import { csvOf } from './export-table.ts';
import { trlScript } from './export-trl.ts';
import { figurePng, figureSvg, laidOut } from './figure-svg.ts';
import { reportHtml, reportMarkdown } from './report.ts';
import { saveBlob, saveText } from './save.ts';

/** JSON with arrays for typed arrays and null for what is no number. */
const jsonOf = (value: unknown): string =>
  `${JSON.stringify(value, (_, item: unknown) => (ArrayBuffer.isView(item) ? Array.from(item as Float64Array) : item), 1)}\n`;

/** Letters and digits of a title, for the name of a file. */
const slug = (title: string, joint: string): string => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, joint);

/** Makes one file of a view and hands it to the reader. `figure` is what the reader exports from, `title` what it is called; see `laidOut`. */
export async function saveExport(
  { format, index, of }: ExportItem,
  exports: Exports,
  figure: HTMLElement,
  title: string,
  narrowest = 0,
): Promise<void> {
  const link = linkOf(exports);
  const notes = provenance(exports, link);
  const { name, objectives = [] } = exports;
  const panel = slug(title, '-');
  const objective = objectives[index];
  const shown = objective ? viewObjective(objective) : null;
  const objectiveTitle = shown?.title ?? '';
  const scriptNotes = [...(shown?.entry ? [citationText(shown.entry)] : []), link];
  const script = of === null ? '' : `_${slug(of, '_')}`;
  const caption = captionOf(title, exports);
  const drawn = () => laidOut(figure, () => figureSvg(figure, caption), narrowest);
  switch (format) {
    case 'html':
      if (exports.report) saveText(`prefscope-${name}.html`, 'text/html', reportHtml(exports.report(), await drawn(), notes));
      return;
    case 'markdown':
      if (exports.report) saveText(`prefscope-${name}.md`, 'text/markdown', reportMarkdown(exports.report(), await drawn(), notes));
      return;
    case 'svg':
      return saveText(`prefscope-${name}-${panel}.svg`, 'image/svg+xml', await drawn());
    case 'png':
      return saveBlob(`prefscope-${name}-${panel}.png`, await figurePng(await drawn()));
    case 'csv':
      if (exports.table) saveText(`prefscope-${name}.csv`, 'text/csv', csvOf(exports.table(), notes));
      return;
    case 'json':
      if (exports.data) saveText(`prefscope-${name}.json`, 'application/json', jsonOf({ from: notes, ...exports.data() }));
      return;
    case 'tex':
      if (exports.tex) saveText(`prefscope-${name}.tex`, 'application/x-tex', exports.tex(notes));
      else saveText('prefscope-objective.tex', 'application/x-tex', objectives.map((choice) => texOf(choice, notes)).join('\n'));
      return;
    case 'pytorch':
      if (exports.script)
        saveText(
          `prefscope_${slug(name, '_')}${script}.py`,
          'text/x-python',
          exports.script({ title: `${exports.seen} Exported from ${version}.`, notes: scriptNotes, objective: objectiveTitle }, index),
        );
      return;
    case 'trl': {
      if (!objective) return;
      const head = {
        title: `${objectiveTitle} for a real model. Exported from ${version}.`,
        notes: scriptNotes,
        objective: objectiveTitle,
      };
      const written =
        overOf(objective) === 'pairs'
          ? trlScript(objective, { ...head, sync: exports.sampling?.sync })
          : groupLosses().trlGroupScript(objective, head, exports.sampling);
      if (written) saveText(`prefscope_trl${script}.py`, 'text/x-python', written);
      return;
    }
    default:
      return format satisfies never;
  }
}
