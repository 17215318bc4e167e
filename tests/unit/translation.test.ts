// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources as text
// @module-tag slow
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from 'svelte/compiler';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';
import { catalogue, readTranslations } from '../../src/build/text/catalogue.ts';
import { messagesOf, readSource } from '../../src/build/text/extract.ts';
import { slotProblem, translated } from '../../src/build/text/message.ts';
import { headTexts, translatedHead } from '../../src/build/text/page-head.ts';
import { pseudoTranslation } from '../../src/build/text/pseudo.ts';
import { sourceFiles, Texts } from '../../src/build/text/sources.ts';

const root = join(import.meta.dirname, '../..');
const messages = (file: string, source: string, codes: readonly string[] = []) => messagesOf(readSource(file, source), new Set(codes));
const texts = (file: string, source: string, codes: readonly string[] = []): string[] =>
  messages(file, source, codes).map(({ text }) => text);
const inGerman = (file: string, source: string, german: Readonly<Record<string, string>>): string =>
  translated(source, messages(file, source), (text) => german[text] ?? null);

describe('finding texts', () => {
  test('a sentence of the markup is one message, with slots for what is in it', () => {
    const source = '<p>\n  The <b class="x">loss</b> fell\n  by {fixed(loss, 2)}{#if over}, and it is over{/if}.\n</p>';
    expect(texts('A.svelte', source)).toEqual([', and it is over', 'The <1>loss</1> fell by {2}{3}.']);
  });
  test('a sum of strings is one message', () => {
    const source = "const told = `After ${n} updates ` + 'the loss ' + verb + ' by ' + `${x}.`;";
    expect(texts('a.ts', source)).toEqual(['After {1} updates the loss {2} by {3}.']);
  });
  test('attributes that readers see or hear are texts, others are code', () => {
    const source = '<div class="big red" aria-label="Step {n} shown" data-name="Some words here"><Chart title="loss" /></div>';
    expect(texts('A.svelte', source)).toEqual(['Step {1} shown', 'loss']);
  });
  test('what a text chooses between is text', () => {
    expect(texts('a.ts', 'const t = `The answer ${up ? `rises` : `falls`} now.`;')).toEqual(['The answer {1} now.', 'rises', 'falls']);
    expect(texts('A.svelte', '<p>{up ? "rises" : "falls"}</p>')).toEqual(['rises', 'falls']);
  });
  test('names in code are none', () => {
    const source = `
      import x from 'a module name';
      type Kind = 'stage start' | 'run start';
      const kind: Kind = 'stage start';
      if (event.key === 'Escape') node.querySelector('.chart .axis');
      const tex = String.raw\`\\frac{some}{words here}\`;
      const id = 'objective';`;
    const source2 = readSource('a.ts', source);
    expect(messagesOf(source2, new Set(['stage start', 'run start']))).toEqual([]);
  });
});

describe('setting a translation', () => {
  test('slots move with the words', () => {
    const source = '<p>The <b>loss</b> fell by {x}.</p>';
    expect(inGerman('A.svelte', source, { 'The <1>loss</1> fell by {2}.': 'Um {2} fiel der <1>Verlust</1>.' })).toBe(
      '<p>Um {x} fiel der <b>Verlust</b>.</p>',
    );
  });
  test('what stands inside of a slot is translated too', () => {
    const source = 'const t = `It ${up ? "rises" : "falls"} by ${x}.`;';
    const german = { 'It {1} by {2}.': 'Um {2} {1} es.', rises: 'steigt', falls: 'fällt' };
    const code = inGerman('a.ts', source, german);
    expect(new Function('up', 'x', `${code}; return t;`)(true, 3)).toBe('Um 3 steigt es.');
    expect(new Function('up', 'x', `${code}; return t;`)(false, 4)).toBe('Um 4 fällt es.');
  });
  test('no translation can put code into the page', () => {
    const evil = '`${steal()}` {@html steal()} <script>steal()</script> "';
    const code = inGerman('a.ts', "const t = 'A few words.';", { 'A few words.': evil });
    expect(new Function(`${code}; return t;`)()).toBe(evil);
    const markup = inGerman('A.svelte', '<p title="A few words.">A few words.</p>', { 'A few words.': evil });
    const [element, ...others] = (
      readSource('A.svelte', markup).markup as { nodes: { attributes: unknown[]; fragment: { nodes: { data: string }[] } }[] }
    ).nodes;
    expect([others, element?.attributes.length]).toEqual([[], 1]);
    expect(element?.fragment.nodes.map(({ data }) => data)).toEqual([evil]);
  });
  test('a translation that lost a slot is refused, with what is wrong', () => {
    expect(slotProblem('a {1} <2>b</2>', '<2>b</2> {1} a')).toBeNull();
    expect(slotProblem('a {1}', 'a')).toContain('lacks {1}');
    expect(slotProblem('a {1}', 'a {1} {1}')).toContain('too often');
    expect(slotProblem('a', 'a {1}')).toContain('no slot');
    expect(slotProblem('<1>a</1> <2>b</2>', '<1>a <2>b</1></2>')).toContain('Nest');
  });
});

/** What a component's markup compiles to, quotes and positions aside. */
const markupOf = (file: string, source: string): string =>
  compile(source, { filename: file, generate: 'server', runes: true })
    .js.code.replace(/[`'"]|\s+/g, ' ')
    .replace(/ +/g, ' ');

describe('the page', () => {
  const all = new Texts(root);
  test('every text can be set again as it is, and every file still means the same', () => {
    for (const file of sourceFiles(root)) {
      const source = readFileSync(join(root, 'src', file), 'utf8');
      const again = translated(source, all.messages(file), (text) => text);
      // white space in markup may be joined: the texts and what surrounds them stay
      expect(
        all.messages(file, again).map(({ text }) => text),
        file,
      ).toEqual(all.messages(file).map(({ text }) => text));
      const markup = all.messages(file).filter(({ kind }) => kind !== 'script');
      if (markup.length > 0)
        expect(
          markupOf(
            file,
            translated(source, markup, (text) => text),
          ),
          file,
        ).toBe(markupOf(file, source));
    }
  });
  test('set in another language, every file compiles', () => {
    for (const file of sourceFiles(root)) {
      const code = translated(readFileSync(join(root, 'src', file), 'utf8'), all.messages(file), pseudoTranslation);
      if (file.endsWith('.svelte')) expect(() => compile(code, { filename: file, generate: false, runes: true }), file).not.toThrow();
      else expect(parseSync(file, code).errors, file).toEqual([]);
    }
  });
  test('has its title, description and notices in the catalogue', () => {
    const html = readFileSync(join(root, 'index.html'), 'utf8');
    expect(headTexts(html)).toHaveLength(4);
    const german = translatedHead(html, 'de', () => 'Worte');
    expect(german).toContain('<html lang="de">');
    expect(headTexts(german)).toEqual(['Worte', 'Worte', 'Worte', 'Worte']);
  });
  test('has a catalogue that translators’ tools read: every message once, with where it stands and what its slots are', () => {
    const text = catalogue(root);
    const ids = [...text.matchAll(/^msgid /gm)].length - 1; // one is the head
    const found = new Set([
      ...headTexts(readFileSync(join(root, 'index.html'), 'utf8')),
      ...all.files.flatMap((file) => all.messages(file).map((one) => one.text)),
    ]);
    expect(ids).toBe(found.size);
    expect(ids).toBeGreaterThan(1500);
    expect(text).toMatch(/#\. <1> is <a href=\{defaults\}>\n/);
  });
  test('a translation is read from its file; what is empty or marked as unsure stays English, and a lost slot is an error', () => {
    const folder = mkdtempSync(join(tmpdir(), 'prefscope-text-'));
    mkdirSync(join(folder, 'src/text'), { recursive: true });
    const write = (text: string): void => writeFileSync(join(folder, 'src/text/de.po'), text);
    write('msgid "Play"\nmsgstr "Los"\n\nmsgid "Stop"\nmsgstr ""\n\n#, fuzzy\nmsgid "Step"\nmsgstr "Stufe"\n');
    expect([...readTranslations(folder, 'de')]).toEqual([['Play', 'Los']]);
    write('msgid "After {1} steps"\nmsgstr "Danach"\n');
    expect(() => readTranslations(folder, 'de')).toThrow('src/text/de.po: the translation of "After {1} steps": It lacks {1}');
    rmSync(folder, { recursive: true });
  });
  test('a language without a file is an error that names the file', () => {
    expect(() => readTranslations(root, 'tlh')).toThrow('src/text/tlh.po');
  });
});
