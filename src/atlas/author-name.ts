/** A name as a list of references needs it. */
export interface AuthorName {
  readonly given: string;
  /** with its particles, as in “ter Hoeve” */
  readonly surname: string;
  /** as in “Jr.”; empty where there is none */
  readonly suffix: string;
}

/** Surnames of more than one word that no particle gives away. Who bears one is known from how the bearer is cited, not from a rule. */
const ofSeveralWords = ['Fernández Fisac', 'Ray Chowdhury'];

/** Words that a surname begins with; those in lower case begin one whatever they are. */
const particle = /^(?:\p{Ll}[\p{L}’']*|La|Le|De|Den|Der|Di|Du|Van|Von|Ter)$/u;
const suffixes = /^(?:Jr\.?|Sr\.?|II|III|IV)$/;

/** A name that stands as its bearer writes it, given names first. */
export function nameOf(author: string): AuthorName {
  const words = author.split(/[\s,]+/).filter(Boolean);
  const suffix = words.length > 2 && suffixes.test(words.at(-1) ?? '') ? (words.pop() ?? '') : '';
  const whole = words.join(' ');
  const known = ofSeveralWords.find((surname) => whole.endsWith(` ${surname}`));
  let start = words.length - (known?.split(' ').length ?? 1);
  // the first word of all is a given name, whatever it looks like
  while (start > 1 && particle.test(words[start - 1] ?? '')) start--;
  return { given: words.slice(0, start).join(' '), surname: words.slice(start).join(' '), suffix };
}

/** The name as BibTeX sorts it without guessing: surname, suffix, given names. */
export function bibtexName(author: string): string {
  const { given, surname, suffix } = nameOf(author);
  return [surname, suffix, given].filter(Boolean).join(', ');
}
