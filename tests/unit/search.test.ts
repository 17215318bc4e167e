import { describe, expect, it } from 'vitest';
import { answers } from '../../src/atlas/answers/catalogue.ts';
import { documents, findings } from '../../src/page/search/documents.ts';
import { Search } from '../../src/page/search/search.ts';
import { viewOfLink } from '../../src/page/views.ts';
import { readLink } from '../../src/shell/links/link.ts';
import { asked } from '../shared/asked.ts';

const search = new Search(documents());
search.add(await findings());

describe('the page’s search', () => {
  it.each(asked)('finds for “%s” the answer %s among the first three', (words, answer) => {
    expect(
      search
        .find(words)
        .slice(0, 3)
        .map(({ address }) => address),
    ).toContain(`#/answer/${answer}`);
  });

  it.each([
    ['Razin', '#/paper/2410.08847'],
    ['2410.13828', '#/paper/2410.13828'],
    ['simpo', '#/stop/all?v=3&q=simpo'],
    ['dr_grpo', '#/stop/all?v=3&q=dr_grpo'],
    ['phase map', '#/stop/map'],
    ['retrieval', '#/paper/'],
    ['likelihood displacement', '#/'],
  ])('finds for “%s” %s', (words, address) => {
    expect(search.find(words).some((found) => found.address.startsWith(address))).toBe(true);
  });

  it.each([
    ['beta too high', 'beta'],
    ['β', 'beta'],
    ['β too high', 'beta'],
    ['KL exploding', 'kl-variance'],
  ])('finds for “%s” the answer %s first', (words, answer) => {
    expect(search.find(words)[0]?.address).toBe(`#/answer/${answer}`);
  });

  it('finds nothing for nothing, and does not stumble over what is no word', () => {
    for (const words of ['', '   ', 'the a of', '\u0000', '"'.repeat(5000), '你好', '🙂']) expect(search.find(words)).toEqual([]);
  });

  it('leads to places that the page has, each once', () => {
    const all = documents();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { address } of all.filter(({ address }) => address.startsWith('#'))) {
      const { reader } = viewOfLink(readLink(address));
      expect(reader.problems, address).toEqual([]);
    }
    for (const { related, slug } of answers)
      for (const other of related)
        expect(
          answers.map((one) => one.slug),
          `${slug} leads to ${other}`,
        ).toContain(other);
  });
});
