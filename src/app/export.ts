import { expressionTex } from '../objectives/compile.ts';
import type { ScriptOptions } from './export-pytorch.ts';
import { csvOf, type Table } from './export-table.ts';
import { trlScript } from './export-trl.ts';
import { type Caption, figurePng, figureSvg } from './figure-svg.ts';
import { type PageChoice, viewObjective } from './objective-view.ts';
import { saveBlob, saveText } from './save.ts';

/** What a view can hand out. Everything is computed when it is asked for. */
export interface Exports {
  /** the view, as in names of files: 'displacement' */
  readonly name: string;
  /** what is seen, in a sentence */
  readonly seen: string;
  /** the state that every chart shows, as in 'update 57' */
  readonly state: string;
  /** null where nothing is drawn at random */
  readonly seed: string | null;
  /** where the numbers come from: 'WebGPU' or 'CPU' */
  readonly engine: string | null;
  /** of the link that shows this state again; default the address as it is */
  readonly hash?: string;
  readonly table?: (() => Table) | undefined;
  /** plain data: settings, and all states */
  readonly data: () => unknown;
  readonly objective?: PageChoice | undefined;
  /** the run as a PyTorch script */
  readonly script?: ((options: Omit<ScriptOptions, 'detail'>) => string) | undefined;
}

export const formats = ['svg', 'png', 'csv', 'json', 'tex', 'pytorch', 'trl'] as const;
export type Format = (typeof formats)[number];

/** The formats that a view has. */
export function formatsOf({ table, objective, script }: Exports): Format[] {
  const missing: readonly (Format | false)[] = [!table && 'csv', !objective && 'tex', !script && 'pytorch', !objective && 'trl'];
  return formats.filter((format) => !missing.includes(format));
}

const version = `prefscope ${__APP_VERSION__}`;

/** Where a file is from: what is seen, its state and seed, the version that computed it and the link that shows it again. */
export function provenance({ seen, state, seed, engine }: Exports, link: string): string[] {
  const facts = [state, seed === null ? 'no random draws' : `seed ${seed}`, ...(engine ? [engine] : []), version];
  return [seen, facts.join(' · '), link];
}

/** The objective as TeX, with the values of its parameters. */
export function texOf(choice: PageChoice, notes: readonly string[]): string {
  const { title, entry, text, loss, pullOnChosen, pushOnRejected, parameters } = viewObjective(choice);
  const symbols = Object.fromEntries(parameters.map(({ name, about }) => [name, about]));
  const tex = (e: typeof loss) => expressionTex(e, symbols);
  const values = parameters.map(({ about, value }) => `${about.tex} = ${value}`).join(', \\quad ');
  return [
    `% ${title}${entry?.paper ? `, ${entry.paper}${entry.equation ? ` ${entry.equation}` : ''}` : ''}`,
    `% as typed: ${text}`,
    ...notes.map((note) => `% ${note.replaceAll(/\s+/g, ' ')}`),
    '',
    '% the loss of one pair, in nats',
    '\\[',
    `  \\ell = ${tex(loss)}`,
    '\\]',
    '% the forces on the two log-probabilities',
    '\\[',
    `  d_w = -\\frac{\\partial\\ell}{\\partial\\log\\pi(y_w)} = ${tex(pullOnChosen)}`,
    '\\]',
    '\\[',
    `  d_l = \\frac{\\partial\\ell}{\\partial\\log\\pi(y_l)} = ${tex(pushOnRejected)}`,
    '\\]',
    ...(values === '' ? [] : ['% parameters', '\\[', `  ${values}`, '\\]']),
    '',
  ].join('\n');
}

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

/** What computed the numbers. */
export const engineName = (backend: 'webgpu' | 'cpu' | undefined): string | null =>
  backend === undefined ? null : backend === 'webgpu' ? 'WebGPU, float32' : 'CPU, float64';
