import { setting } from '../controls/format.ts';
import type { ObjectiveView, PageChoice } from './objective-view.ts';

/** A loss in one short line: the gap by its name, its parameters as numbers. */
export function shortLoss({ text, parameters }: Pick<ObjectiveView, 'text' | 'parameters'>): string {
  const values = new Map(parameters.map(({ name, value }) => [name, setting(value)]));
  return text
    .replaceAll('(score_w - score_l)', 'gap')
    .replaceAll(/[A-Za-z_]\w*/g, (name) => values.get(name) ?? (name === 'margin' ? 'gap' : name))
    .replaceAll('logsigmoid(', 'log σ(')
    .replaceAll(/\bsigmoid\(/g, 'σ(')
    .replaceAll('*', '×')
    .replaceAll('-', '−');
}

/** What a reader typed, in the language of losses. */
export const longLoss = (short: string): string =>
  short
    .replaceAll(/log\s*σ\s*\(/g, 'logsigmoid(')
    .replaceAll('σ', 'sigmoid')
    .replaceAll('×', '*')
    .replaceAll('−', '-')
    .replaceAll(/\bgap\b/g, 'margin');

/** A message about a loss, with the gap called what the reader called it. */
export const asTyped = (short: string, message: string): string =>
  /\bgap\b/.test(short) && !/\bmargin\b/.test(short) ? message.replaceAll(/\bmargin\b/g, 'gap') : message;

/** The line as a choice: DPO where it is DPO, so that its name and its slider stay. */
export function choiceOfLine(short: string): PageChoice {
  const [, beta] = /^\s*−log σ\(\s*([\d.]+)\s*×\s*gap\s*\)\s*$/.exec(short.replaceAll('-', '−').replaceAll('*', '×')) ?? [];
  if (beta !== undefined && Number(beta) > 0) return { name: 'dpo', params: { beta: Number(beta) } };
  return { expression: longLoss(short) };
}
