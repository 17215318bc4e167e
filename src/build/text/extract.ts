import { parse as parseSvelte } from 'svelte/compiler';
import { parseSync } from 'vite';
import { messagesInMarkup } from './in-markup.ts';
import { codesInScript, messagesInScript, type Node } from './in-script.ts';
import type { Message } from './message.ts';

/** A source file, read. */
export interface Source {
  readonly scripts: readonly Node[];
  /** of a component */
  readonly markup?: unknown;
}

export function readSource(file: string, text: string): Source {
  if (!file.endsWith('.svelte')) {
    const { program, errors } = parseSync(file, text);
    if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
    return { scripts: [program as unknown as Node] };
  }
  const { module, instance, fragment } = parseSvelte(text, { modern: true, filename: file });
  return { scripts: [module, instance].flatMap((script) => (script ? [script.content as unknown as Node] : [])), markup: fragment };
}

/** The strings that the types of a source name. */
export const codesOf = ({ scripts }: Source): string[] => scripts.flatMap(codesInScript);

/** The texts for readers in a source; `codes` are none. */
export const messagesOf = ({ scripts, markup }: Source, codes: ReadonlySet<string>): Message[] => [
  ...scripts.flatMap((script) => messagesInScript(script, codes)),
  ...messagesInMarkup(markup, codes),
];
