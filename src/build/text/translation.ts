import { relative } from 'node:path';
import type { Plugin } from 'vite';
import { readTranslations } from './catalogue.ts';
import { translated } from './message.ts';
import { translatedHead } from './page-head.ts';
import { pseudo, pseudoTranslation } from './pseudo.ts';
import { Texts } from './sources.ts';

/** Sets the page in the language of PREFSCOPE_LANGUAGE. Nothing of it is left to do for the browser; a text without a translation stays English. */
export function translation(language = process.env['PREFSCOPE_LANGUAGE'] ?? 'en'): Plugin {
  let root = '.';
  let texts: Texts;
  let translate: (text: string) => string | null;
  return {
    name: 'translation',
    enforce: 'pre',
    apply: () => language !== 'en',
    configResolved(config) {
      root = config.root;
      const translations = language === pseudo ? null : readTranslations(root, language);
      translate = (text) => (translations ? (translations.get(text) ?? null) : pseudoTranslation(text));
      texts = new Texts(root);
    },
    transform(code, id) {
      const file = relative(`${root}/src`, id).replaceAll('\\', '/');
      if (!texts.has(file)) return null;
      return { code: translated(code, texts.messages(file, code), translate), map: null };
    },
    transformIndexHtml: { order: 'pre', handler: (html) => translatedHead(html, language, translate) },
  };
}
