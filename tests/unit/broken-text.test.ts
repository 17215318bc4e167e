import { expect, it } from 'vitest';
import { brokenText } from '../../src/shell/study/charts/broken-text.ts';

it('a text is broken between words, and loses none', () => {
  expect(brokenText('each pair both ways', 13)).toEqual(['each pair', 'both ways']);
  expect(brokenText('a', 1)).toEqual(['a']);
  expect(brokenText('incomprehensibilities of a word', 10)).toEqual(['incomprehensibilities', 'of a word']);
});
