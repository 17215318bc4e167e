import { describe, expect, it } from 'vitest';
import { summaries } from '../../src/page/summaries.ts';
import { viewOfQuestion, views } from '../../src/page/views.ts';
import { LinkReader } from '../../src/shell/links/link.ts';
import { questions } from '../../src/shell/view.ts';
import { linkCodecs } from '../shared/link-states.ts';

const sources = import.meta.glob<string>('../../src/views/**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true });
const folderOf = (path: string): string => path.replace(/^.*\/src\/views\/([^/]+)\/.*$/, '$1');
const folders = [...new Set(Object.keys(sources).map(folderOf))];
const textOf = (folder: string): string =>
  Object.entries(sources)
    .filter(([path]) => folderOf(path) === folder)
    .map(([, text]) => text)
    .join('\n');

const components = import.meta.glob<string>('../../src/**/*.svelte', { query: '?raw', import: 'default', eager: true });

/** Views without settings of a run, which links need not hold. */
const stateless = ['objectives', 'device'];
/** Views that have nothing to save but a list to copy. */
const withoutExports = ['device'];

describe('every folder of views', () => {
  it('is a view of the page, by the same name', () => {
    expect(views.map(({ id }) => id).toSorted()).toEqual(folders.toSorted());
  });
});

it('no component waits in Svelte’s await block, which keeps the view that was there before', () => {
  const waiting = Object.entries(components).filter(([, text]) => text.includes('{#await'));
  expect(waiting.map(([path]) => path)).toEqual([]);
});

describe('the places of the views', () => {
  it('are no view’s but one’s, and no name that an older link holds', () => {
    const routes = views.map(({ route }) => route);
    expect(new Set(routes).size).toBe(routes.length);
    for (const { id, route } of views) {
      expect(route).toMatch(/^[a-z]+(\/[a-z]+)?$/);
      expect(route).not.toMatch(/^answer$/); // its rooms are answers
      expect(views.filter((other) => other.id === route && other.id !== id)).toEqual([]);
    }
    for (const { id, route } of views.flatMap(({ formerly = [] }) => formerly))
      expect(views.filter((view) => view.id === id || view.route === route)).toEqual([]);
    expect(views[0]).toMatchObject({ id: 'displacement', route: 'why' }); // as links have it
  });

  it('begin with the question that they answer', () => {
    // but for papers: a paper's page has been promised a place of its own
    for (const { id, route, answers } of views) if (answers !== null && id !== 'papers') expect(route.split('/')[0]).toBe(answers);
    for (const question of questions) expect(viewOfQuestion(question).answers).toBe(question);
  });
});

describe.each(views)('the view $id', ({ id, title, parts, notebook, lesson }) => {
  const text = textOf(id);

  it('has a title, and draws each part that its record names and no other', () => {
    expect(title).toMatch(/^[A-Z]/);
    expect(summaries[id]).toMatch(/^[A-Z].{20,118}\.$/);
    // written out, or in the list of those that are drawn one like the other
    const drawn = [...text.matchAll(/<Part\s+id="([^"]+)"|\bid: '([^']+)',\s+title: '[^']+',\s+load:/g)].map(
      ([, part, listed]) => part ?? listed,
    );
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
    expect(text).toMatch(/<ExportMenu|<StudyPicture|exports=\{/);
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
