/** A stretch of the source that stands in a message as `{1}`, or as `<1>…</1>` around words of the message. */
export interface Slot {
  readonly start: number;
  readonly end: number;
  /** of an element whose words belong to the message: where its opening tag ends and its closing tag starts */
  readonly inner?: { readonly start: number; readonly end: number };
}

/** A text for readers, found in a source file. */
export interface Message {
  readonly start: number;
  readonly end: number;
  /** how the text is written where it stands */
  readonly kind: 'markup' | 'attribute' | 'script';
  /** the text, with its slots: 'The loss <1>falls</1> by {2}.' */
  readonly text: string;
  readonly slots: readonly Slot[];
}

/** A token of a message's text: words, or a slot. */
export type Token = { readonly words: string } | { readonly slot: number; readonly tag: 'whole' | 'open' | 'close' };

/** The tokens of a text; slots count from 1. */
export function tokensOf(text: string): Token[] {
  return text
    .split(/(\{\d+\}|<\/?\d+>)/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      const [, bracket, number] = /^(\{|<\/?)(\d+)[}>]$/.exec(piece) ?? [];
      if (!number) return { words: piece };
      return { slot: Number(number), tag: bracket === '{' ? 'whole' : bracket === '<' ? 'open' : 'close' };
    });
}

/** Why a translation cannot stand for its text; null if it can. */
export function slotProblem(text: string, translation: string): string | null {
  const slots = (of: string): string[] =>
    tokensOf(of)
      .flatMap((token) =>
        'slot' in token ? [token.tag === 'whole' ? `{${token.slot}}` : `<${token.tag === 'close' ? '/' : ''}${token.slot}>`] : [],
      )
      .sort();
  const [asked, given] = [slots(text), slots(translation)];
  const missing = asked.find((slot) => !given.includes(slot));
  const extra = given.find((slot, i) => !asked.includes(slot) || given.indexOf(slot) !== i);
  if (missing) return `It lacks ${missing}. Every slot of the text must stand in the translation.`;
  if (extra) return `${extra} stands in it too often, or is no slot of the text. Remove it.`;
  const open: number[] = [];
  for (const token of tokensOf(translation)) {
    if (!('slot' in token) || token.tag === 'whole') continue;
    if (token.tag === 'open') open.push(token.slot);
    else if (open.pop() !== token.slot) return `</${token.slot}> closes another tag than the last one opened. Nest them.`;
  }
  return null;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '{': '&#123;', '}': '&#125;' };

const inMarkup = (words: string): string => words.replace(/[&<>"{}]/g, (character) => escapes[character] ?? '');
const inTemplate = (words: string): string => words.replace(/[\\`]|\$(?=\{)/g, (character) => `\\${character}`).replaceAll('\n', '\\n');

/** The source with its messages translated; a translation of null leaves the message as it is. */
export function translated(source: string, messages: readonly Message[], translate: (text: string) => string | null): string {
  const inOrder = [...messages].sort((a, b) => a.start - b.start || b.end - a.end);

  /** a stretch of the source, with what is translated in it */
  const stretch = (start: number, end: number, without?: Message): string => {
    let result = '';
    let at = start;
    for (const message of inOrder) {
      if (message === without || message.start < at || message.end > end) continue;
      result += source.slice(at, message.start) + written(message);
      at = message.end;
    }
    return result + source.slice(at, end);
  };

  const written = (message: Message): string => {
    const translation = translate(message.text);
    if (translation === null) return stretch(message.start, message.end, message);
    const body = tokensOf(translation)
      .map((token) => {
        if ('words' in token) return message.kind === 'script' ? inTemplate(token.words) : inMarkup(token.words);
        const slot = message.slots[token.slot - 1];
        if (!slot) return '';
        if (token.tag === 'whole') {
          const inside = stretch(slot.start, slot.end);
          return message.kind === 'script' ? `\${${inside}}` : inside;
        }
        const { start, end } = slot.inner ?? slot;
        return token.tag === 'open' ? stretch(slot.start, start) : stretch(end, slot.end);
      })
      .join('');
    return message.kind === 'script' ? `\`${body}\`` : body;
  };

  return stretch(0, source.length);
}
