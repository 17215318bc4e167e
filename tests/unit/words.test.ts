import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildVocabulary, UNKNOWN_WORD } from '../../src/data/vocabulary.ts';
import { hasWords, splitWords } from '../../src/data/words.ts';

describe('splitWords', () => {
  it.each([
    ['Hello, World!', ['hello', ',', 'world', '!']],
    ["Don't — don’t", ["don't", '—', "don't"]],
    ["'quoted'", ["'", 'quoted', "'"]],
    ['Ångström 42nd ÉTÉ', ['ångström', '42nd', 'été']],
    ['e\u0301te\u0301', ['été']],
    ['日本語 text', ['日', '本', '語', 'text']],
    ['latin日本', ['latin', '日', '本']],
    ['a\tb\n\u0000c 🙂', ['a', 'b', 'c', '🙂']],
    ['<unk>', ['<', 'unk', '>']],
    ['', []],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  it('stops at the limit', () => {
    expect(splitWords('a b c d', 2)).toEqual(['a', 'b']);
    expect(splitWords('a b', 0)).toEqual([]);
  });

  it('finds words exactly where hasWords says so, and never an empty one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), (text) => {
        const words = splitWords(text);
        expect(words.length > 0).toBe(hasWords(text));
        expect(words.every((word) => word.length > 0 && !/\s/.test(word))).toBe(true);
        expect(splitWords(text, 3)).toEqual(words.slice(0, 3));
      }),
    );
  });
});

describe('buildVocabulary', () => {
  it('keeps the most frequent words, the first seen among equals, and the unknown word last', () => {
    const vocabulary = buildVocabulary([['b', 'a', 'c'], ['c', 'd', 'a'], ['c']], 3);
    expect(vocabulary.words).toEqual(['c', 'a', 'b', UNKNOWN_WORD]);
    expect(vocabulary.unknown).toBe(3);
    expect(vocabulary.distinctWords).toBe(4);
    expect(['a', 'd', 'never seen'].map(vocabulary.token)).toEqual([1, 3, 3]);
  });

  it('is smaller where the data has fewer words', () => {
    expect(buildVocabulary([['a'], ['a']], 255).words).toEqual(['a', UNKNOWN_WORD]);
  });
});
