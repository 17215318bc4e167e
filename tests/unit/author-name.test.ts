import { expect, test } from 'vitest';
import { bibtexName, nameOf } from '../../src/atlas/author-name.ts';
import { bibliography } from '../../src/atlas/bibliography.ts';
import { papers } from '../../src/atlas/reading-list.ts';

const everyName = new Set([...papers, ...Object.values(bibliography)].flatMap(({ authors = [] }) => authors));

test.each([
  ['Noam Razin', 'Razin', 'Razin, Noam'],
  ['Lily H. Zhang', 'Zhang', 'Zhang, Lily H.'],
  ['Maartje ter Hoeve', 'ter Hoeve', 'ter Hoeve, Maartje'],
  ['Nicolas Le Roux', 'Le Roux', 'Le Roux, Nicolas'],
  ['Laurens van der Maaten', 'van der Maaten', 'van der Maaten, Laurens'],
  ['Jaime Fernández Fisac', 'Fernández Fisac', 'Fernández Fisac, Jaime'],
  ['Sayak Ray Chowdhury', 'Ray Chowdhury', 'Ray Chowdhury, Sayak'],
  ['Simon S. Du', 'Du', 'Du, Simon S.'],
  ['Martin Luther King Jr.', 'King', 'King, Jr., Martin Luther'],
  ['Martin Luther King, Jr.', 'King', 'King, Jr., Martin Luther'],
  ['W. Bradley Knox', 'Knox', 'Knox, W. Bradley'],
  ['Le Hou', 'Hou', 'Hou, Le'],
  ['Madonna', 'Madonna', 'Madonna'],
])('%s is cited as %s', (author, surname, bibtex) => {
  expect(nameOf(author).surname).toBe(surname);
  expect(bibtexName(author)).toBe(bibtex);
});

test('every name that is cited has both parts, keeps all its words, and holds no comma that BibTeX would split at', () => {
  for (const author of everyName) {
    const { given, surname, suffix } = nameOf(author);
    expect(given, author).not.toBe('');
    expect(surname, author).toMatch(/^\p{L}/u);
    expect([given, surname, suffix].filter(Boolean).join(' ')).toBe(author);
    expect(author).not.toContain(',');
  }
});

test('surnames of several words in the lists are these', () => {
  const long = [...everyName].map((author) => nameOf(author).surname).filter((surname) => surname.includes(' '));
  expect(long.toSorted()).toEqual(['Fernández Fisac', 'Le Roux', 'Ray Chowdhury', 'ter Hoeve']);
});
