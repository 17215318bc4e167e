import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import PO from 'pofile';
import { type Message, slotProblem } from './message.ts';
import { headTexts } from './page-head.ts';
import { Texts } from './sources.ts';

/** The English texts, in the format of gettext that translators' tools read. */
export const catalogueFile = 'src/text/en.pot';
export const translationFile = (language: string): string => `src/text/${language}.po`;

/** What a slot stands for, in a line for the translator. */
function slotNotes({ slots, kind }: Message, source: string): string[] {
  return slots.flatMap(({ start, end, inner }, i) => {
    const code = source.slice(start, inner ? inner.start : end).replace(/\s+/g, ' ');
    const plain = kind === 'script' ? code : code.replace(/^\{(.*)\}$/, '$1');
    return `${inner ? `<${i + 1}>` : `{${i + 1}}`} is ${plain.length > 80 ? `${plain.slice(0, 79)}…` : plain}`;
  });
}

/** The catalogue of all texts, as the file holds it. */
export function catalogue(root: string): string {
  const items = new Map<string, InstanceType<typeof PO.Item>>();
  const itemOf = (text: string): InstanceType<typeof PO.Item> => {
    const item = items.get(text) ?? new PO.Item();
    item.msgid = text;
    items.set(text, item);
    return item;
  };
  for (const text of headTexts(readFileSync(join(root, 'index.html'), 'utf8'))) itemOf(text).references.push('index.html');
  const texts = new Texts(root);
  for (const file of texts.files) {
    for (const message of texts.messages(file)) {
      const item = itemOf(message.text);
      if (!item.references.includes(`src/${file}`)) item.references.push(`src/${file}`);
      if (item.extractedComments.length === 0) item.extractedComments = slotNotes(message, texts.sourceText(file));
    }
  }
  const po = new PO();
  po.comments = [
    'Every English text of the page, collected from the sources by `npm run generate`.',
    'Copy it to <language>.po and fill in the translations.',
  ];
  po.headers = { 'Content-Type': 'text/plain; charset=UTF-8', 'Content-Transfer-Encoding': '8bit', Language: 'en' };
  po.items = [...items.values()];
  return `${po.toString().trimEnd()}\n`;
}

/** Writes or compares the catalogue's file; what is out of date. */
export function generateCatalogue({ root = '.', write }: { root?: string; write: boolean }): string[] {
  const file = join(root, catalogueFile);
  const text = catalogue(root);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return [];
  if (write) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return [catalogueFile];
}

/** The translations of a language, by their English texts. Throws on one that lost a slot of its text. */
export function readTranslations(root: string, language: string): Map<string, string> {
  const file = translationFile(language);
  const translations = new Map<string, string>();
  for (const { msgid, msgstr, flags } of PO.parse(readFileSync(join(root, file), 'utf8')).items) {
    const translation = msgstr[0] ?? '';
    if (translation === '' || flags['fuzzy']) continue; // English, until somebody has translated it
    const problem = slotProblem(msgid, translation);
    if (problem) throw new Error(`${file}: the translation of "${msgid}": ${problem}`);
    translations.set(msgid, translation);
  }
  return translations;
}
