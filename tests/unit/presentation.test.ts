import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLink, writeLink } from '../../src/app/link.ts';
import { parts } from '../../src/app/parts.ts';
import { lessonIds, plainPresentation, readPresentation, writePresentation } from '../../src/app/presentation.svelte.ts';

const lockable = parts.filter((part) => part.lockable).map(({ id }) => id);
const presentation = fc.record({
  embed: fc.boolean(),
  projector: fc.boolean(),
  hidden: fc.subarray(parts.map(({ id }) => id)),
  locked: fc.subarray(lockable),
  lesson: fc.option(fc.record({ id: fc.constantFrom(...lessonIds), step: fc.nat({ max: 19 }) })),
});

describe('what a teacher puts into a link', () => {
  test('comes back from it', () => {
    fc.assert(
      fc.property(presentation, (state) => {
        const { reader } = readLink(writeLink('displacement', { run: {}, look: writePresentation(state) }));
        expect(readPresentation(reader)).toEqual(state);
        expect(reader.finish()).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('is nothing where it is nothing special', () => {
    expect(writePresentation(plainPresentation)).toEqual({});
  });

  test('says what it does not know, and uses the rest', () => {
    const { reader } = readLink('v=1&hide=why+nonsense&lock=bars&lesson=cooking&part=99');
    expect(readPresentation(reader)).toEqual({ ...plainPresentation, hidden: ['why'] });
    expect(reader.problems.map(({ key, value }) => [key, value])).toEqual([
      ['lesson', 'cooking'],
      ['part', '99'],
      ['hide', 'nonsense'],
      ['lock', 'bars'],
    ]);
  });
});
