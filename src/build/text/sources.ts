import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codesOf, messagesOf, readSource, type Source } from './extract.ts';
import type { Message } from './message.ts';

/** Files of `src` whose long strings are programs, or words that the toys are made of. */
const withoutTexts =
  /^(build\/|backend\/(webgpu\/(generated|kernels)\/|webgpu\/(held-rows|kl-slots)|ensemble|regression-wgsl)|shell\/exports\/(python-file|export-(pytorch|trl))|views\/modes\/export-match-target|views\/simplex\/export-flow|page\/service-worker|objectives\/((group-)?compile|python)\.ts|core\/expression\/(wgsl|python|tex)|data\/sample-pairs)/;

/** The source files of the page that may hold texts for readers, by their paths from `src`. */
export const sourceFiles = (root: string): string[] =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.(svelte|ts)$/.test(file) && !/\.d\.ts$/.test(file) && !withoutTexts.test(file))
    .sort();

/** The texts of the whole page. */
export class Texts {
  readonly #codes = new Set<string>();
  readonly #sources = new Map<string, Source & { readonly text: string }>();

  constructor(root: string) {
    for (const file of sourceFiles(root)) {
      const text = readFileSync(join(root, 'src', file), 'utf8');
      const source = readSource(file, text);
      this.#sources.set(file, { ...source, text });
      for (const code of codesOf(source)) this.#codes.add(code);
    }
  }
  get files(): string[] {
    return [...this.#sources.keys()];
  }
  has(file: string): boolean {
    return this.#sources.has(file);
  }
  /** what stands in a file */
  sourceText(file: string): string {
    return this.#sources.get(file)?.text ?? '';
  }
  /** of a file, as it was read; or of a text that it is now */
  messages(file: string, text?: string): Message[] {
    const source = text === undefined ? this.#sources.get(file) : readSource(file, text);
    return source ? messagesOf(source, this.#codes) : [];
  }
}
