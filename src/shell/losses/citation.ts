import type { Citation, FormulaSource } from '../../objectives/objective.ts';

/** Where a formula was read, in words. */
const sourceWords: Readonly<Record<FormulaSource, string>> = {
  paper: 'Formula as printed in the paper.',
  code: 'Formula as in released code:',
  words: 'Formula not seen in print: our reading of a description in words.',
  ours: 'The form of it is our own.',
};

/** The papers of a citation, each with its arXiv id to link to; null where it is not on arXiv. */
export const papersOf = ({ paper }: Pick<Citation, 'paper'>): { text: string; arxiv: string | null }[] =>
  (paper?.split('; ') ?? []).map((text) => ({ text, arxiv: /^arXiv:(\d{4}\.\d{4,5})/.exec(text)?.[1] ?? null }));

/** Where the formula is from: 'Formula as in released code:', which the name of the repository follows, or a whole sentence. */
export const sourceOf = ({ source }: Pick<Citation, 'source'>): string => sourceWords[source];

/** A citation as plain text, in sentences. */
export function citationText({ paper, equation, source, code }: Citation): string {
  const where = paper === null ? '' : `${paper}${equation ? `, equation ${equation}` : ''}. `;
  return `${where}${sourceOf({ source })}${code === null ? '' : ` ${code}.`}`;
}
