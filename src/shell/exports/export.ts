import { overOf } from '../../objectives/over.ts';
import { expressionTex } from '../../objectives/text/objective-tex.ts';
import { citationText } from '../losses/citation.ts';
import { groupLosses } from '../losses/group-losses.ts';
import { type PageChoice, viewObjective } from '../losses/objective-view.ts';
import type { ScriptOptions } from './export-pytorch.ts';
import type { Table } from './export-table.ts';
import { oneLine } from './one-line.ts';
import type { Report } from './report.ts';
import type { GroupSampling } from './trl-groups.ts';

/** What a view can hand out. Everything is computed when it is asked for. */
export interface Exports {
  /** the view, as in names of files: 'displacement' */
  readonly name: string;
  /** what is seen, in a sentence */
  readonly seen: string;
  /** what happened in the run, in a sentence */
  readonly told?: string;
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
  readonly data?: (() => object) | undefined;
  /** what trains: one objective, or those that are compared */
  readonly objectives?: readonly PageChoice[] | undefined;
  /** what those that are compared are called, where not as their objectives are */
  readonly names?: readonly string[] | undefined;
  /** a formula as TeX, in place of the objectives' */
  readonly tex?: ((notes: readonly string[]) => string) | undefined;
  /** the run as a PyTorch script, with the objective of this index */
  readonly script?: ((options: Omit<ScriptOptions, 'detail'>, index: number) => string) | undefined;
  /** of runs that sample: how, for who trains a model the same way */
  readonly sampling?: GroupSampling | undefined;
  /** everything that is said of what is seen, as a page */
  readonly report?: (() => Report) | undefined;
  /** what a file holds, where that is not what the menu says by itself */
  readonly words?: Readonly<Partial<Record<Format, string>>> | undefined;
}

export const formats = ['html', 'markdown', 'svg', 'png', 'csv', 'json', 'tex', 'pytorch', 'trl'] as const;
export type Format = (typeof formats)[number];

const entries: Readonly<Record<Format, { name: string; words: string }>> = {
  html: { name: 'HTML', words: 'a report, with its figure' },
  markdown: { name: 'Markdown', words: 'the same, for an issue' },
  svg: { name: 'SVG', words: 'this figure, as seen' },
  png: { name: 'PNG', words: 'this figure, twice as large' },
  csv: { name: 'CSV', words: 'the numbers, step by step' },
  json: { name: 'JSON', words: 'settings and all states' },
  tex: { name: 'TeX', words: 'the objective and its forces' },
  pytorch: { name: 'PyTorch', words: 'a script that trains this run' },
  trl: { name: 'TRL', words: 'the objective on a real model' },
};

/** One file that a view can hand out. */
export interface ExportItem {
  readonly format: Format;
  readonly name: string;
  /** what it holds */
  readonly words: string;
  /** of the objective, for a file that holds one */
  readonly index: number;
  /** that objective's name where several are compared */
  readonly of: string | null;
}

/** The files that a view has: of each objective a script, of everything else one. */
export function itemsOf({ table, data, objectives = [], names, tex, script, sampling, report, words }: Exports): ExportItem[] {
  // TRL's trainers of groups draw them: that of an objective that is given one here draws them, too
  const isOfTrl = (choice: PageChoice): boolean => overOf(choice) === 'pairs' || groupLosses().trlGroupConfig(choice, sampling) !== null;
  const ofTrl = objectives.map(isOfTrl);
  const has: Readonly<Record<Format, boolean>> = {
    html: report !== undefined,
    markdown: report !== undefined,
    svg: true,
    png: true,
    csv: table !== undefined,
    json: data !== undefined,
    tex: tex !== undefined || objectives.length > 0,
    pytorch: script !== undefined,
    trl: ofTrl.includes(true),
  };
  const one = [{ index: 0, of: null }];
  const each =
    objectives.length > 1 ? objectives.map((choice, index) => ({ index, of: names?.[index] ?? viewObjective(choice).title })) : one;
  return formats
    .filter((format) => has[format])
    .flatMap((format) =>
      (format === 'trl' ? each.filter(({ index }) => ofTrl[index]) : format === 'pytorch' ? each : one).map((which) => ({
        format,
        ...entries[format],
        ...(words?.[format] ? { words: words[format] } : {}),
        ...which,
      })),
    );
}

/** The version that computed what is handed out. */
export const version = `prefscope ${__APP_VERSION__}`;

/** Where a file is from: what is seen and happened, its state and seed, the version that computed it and the link that shows it again. */
export function provenance({ seen, told, state, seed, engine }: Exports, link: string): string[] {
  const facts = [state, seed === null ? 'no random draws' : `seed ${seed}`, ...(engine ? [engine] : []), version];
  return [seen, ...(told ? [told] : []), facts.join(' · '), link];
}

/** Lines of TeX's comments: every comment of a TeX file that holds the reader's text is one of these. */
export const texComments = (lines: readonly string[]): string[] => lines.map((line) => `% ${oneLine(line)}`);

/** The objective as TeX, with the values of its parameters. */
export function texOf(choice: PageChoice, notes: readonly string[]): string {
  const { title, entry, text, loss, tex: groupTex, pullOnChosen, pushOnRejected, parameters } = viewObjective(choice);
  const symbols = Object.fromEntries(parameters.map(({ name, about }) => [name, about]));
  const tex = (e: typeof loss) => expressionTex(e, symbols);
  const values = parameters.map(({ about, value }) => `${about.tex} = ${value}`).join(', \\quad ');
  return [
    ...texComments([title, ...(entry ? [citationText(entry)] : []), `as typed: ${text}`, ...notes]),
    '',
    ...(groupTex ? ['% the loss of a group', '\\[', `  \\ell = ${groupTex(symbols)}`, '\\]'] : []),
    groupTex ? '% the same of a group of two, with rewards 1 and 0, as a loss of the pair' : '% the loss of one pair',
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

/** What computed the numbers. */
export const engineName = (backend: 'webgpu' | 'cpu' | undefined): string | null =>
  backend === undefined ? null : backend === 'webgpu' ? 'WebGPU, float32' : 'CPU, float64';
