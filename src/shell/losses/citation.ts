import type { Citation } from '../../objectives/objective.ts';

/** The papers of a citation, each with its arXiv id to link to; null where it is not on arXiv. */
export const papersOf = ({ paper }: Pick<Citation, 'paper'>): { text: string; arxiv: string | null }[] =>
  (paper?.split('; ') ?? []).map((text) => ({ text, arxiv: /^arXiv:(\d{4}\.\d{4,5})/.exec(text)?.[1] ?? null }));

/** Where the formula is from: a whole sentence, or what the name of a repository follows. */
export function sourceOf({ source }: Pick<Citation, 'source'>): { told: string; code: string | null } {
  if (source === 'paper') return { told: 'Formula as printed in the paper.', code: null };
  if (source === 'words') return { told: 'Formula not seen in print: our reading of a description in words.', code: null };
  if (source === 'ours') return { told: 'The form of it is our own.', code: null };
  return { told: 'Formula as in released code:', code: source };
}

/** A citation as plain text, in sentences. */
export function citationText(citation: Citation): string {
  const { paper, equation } = citation;
  const { told, code } = sourceOf(citation);
  const where = paper === null ? '' : `${paper}${equation ? `, equation ${equation}` : ''}. `;
  return `${where}${told}${code === null ? '' : ` ${code}.`}`;
}
