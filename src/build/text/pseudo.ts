import { tokensOf } from './message.ts';

/** A language that nobody speaks: each letter with a mark, so that a text which is not translated shows. */
export const pseudo = 'en-XA';

const plain = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const marked = 'áƀćđéƒğĥíĵķłɱñóþɋřšţúṽŵẋýžÁƁĆĐÉƑĞĤÍĴĶŁⱮÑÓÞɊŘŠŢÚṼŴẊÝŽ';

export const pseudoTranslation = (text: string): string =>
  tokensOf(text)
    .map((token) => {
      if ('words' in token) return token.words.replace(/[a-z]/gi, (letter) => marked[plain.indexOf(letter)] ?? letter);
      return token.tag === 'whole' ? `{${token.slot}}` : `<${token.tag === 'close' ? '/' : ''}${token.slot}>`;
    })
    .join('');
