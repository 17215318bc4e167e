import { describe, expect, it } from 'vitest';
import { views } from '../../src/page/views.ts';
import { LinkReader } from '../../src/shell/links/link.ts';
import { linkCodecs } from '../shared/link-states.ts';

const sources = import.meta.glob<string>('../../src/views/**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true });
const folderOf = (path: string): string => path.replace(/^.*\/src\/views\/([^/]+)\/.*$/, '$1');
const folders = [...new Set(Object.keys(sources).map(folderOf))];
const textOf = (folder: string): string =>
  Object.entries(sources)
    .filter(([path]) => folderOf(path) === folder)
    .map(([, text]) => text)
    .join('\n');

/** Views without settings of a run, which links need not hold. */
const stateless = ['objectives', 'device'];
/** Views that have nothing to save but a list to copy. */
const withoutExports = ['device'];

describe('every folder of views', () => {
  it('is a view of the page, by the same name', () => {
    expect(views.map(({ id }) => id).toSorted()).toEqual(folders.toSorted());
  });
});

describe.each(views)('the view $id', ({ id, title, parts, notebook, lesson }) => {
  const text = textOf(id);

  it('has a title, and draws each part that its record names and no other', () => {
    expect(title).toMatch(/^[A-Z]/);
    const drawn = [...text.matchAll(/<(?:Part|MoreSection)\s+id="([^"]+)"/g)].map(([, part]) => part);
    // a part may stand twice: in the view's picture, and with everything about it below
    expect([...new Set(drawn)].toSorted()).toEqual(parts.map((part) => part.id).toSorted());
    for (const part of parts) expect(part.title).not.toBe('');
  });

  it('names only controls that it draws', () => {
    const { controls = [] } = views.find((view) => view.id === id) ?? {};
    for (const control of controls) expect(text.match(new RegExp(`['"]${control.id}['"]`, 'g'))?.length, control.id).toBeGreaterThan(1);
  });

  it('has a loader that opens it', () => {
    expect(text).toContain("load: () => import('./open.ts')");
    expect(text).toMatch(/export \{ default as component \} from '\.\/\w+\.svelte'/);
  });

  it.skipIf(stateless.includes(id))('keeps its state in links', () => {
    const codec = linkCodecs.find(({ view }) => view === id);
    expect(codec).toBeDefined();
    expect(codec?.write(codec.read(new LinkReader(new URLSearchParams()))).run).toEqual({});
  });

  it.skipIf(withoutExports.includes(id))('saves what it shows', () => {
    expect(text).toMatch(/<ExportMenu|exports=\{/);
  });

  it('has the notebook that it names', () => {
    const notebooks = Object.keys(import.meta.glob('../../notebooks/*.html'));
    if (notebook !== undefined) expect(notebooks).toContain(`../../notebooks/${notebook}.html`);
  });

  it('has the lesson that stands in its folder', async () => {
    expect(lesson !== undefined).toBe(Object.keys(sources).some((path) => path.endsWith(`/${id}/lesson.ts`)));
    if (lesson) expect((await lesson.load()).steps.length).toBeGreaterThan(2);
  });
});
