import { isNode, messagesInScript, type Node } from './in-script.ts';
import type { Message, Slot } from './message.ts';

/** Attributes, and properties of our components, that readers see or hear. */
const textAttributes =
  /^(aria-(label|description|roledescription|valuetext|placeholder)|title|placeholder|alt|label|heading|caption|[xy]Label|unit|description|note|text|what|of|legend|summary|question)$/;
/** Attributes that hold code, whatever it looks like. */
const codeAttributes =
  /^(class|style|style:.*|class:.*|id|for|href|src|d|transform|viewBox|points|type|role|name|part|area|tex|symbol|data-.*|aria-(labelledby|controls|describedby|live|current|haspopup|hidden)|xmlns|fill|stroke.*|text-anchor|dominant-baseline|lang|dir|autocomplete|inputmode|pattern|accept|media|rel|target|slot)$/;

/** Elements that stand within a sentence. */
const inline = /^(a|abbr|b|cite|code|em|i|kbd|mark|math|output|q|s|small|span|strong|sub|sup|time|tspan|u|var|wbr|br)$/;
/** Elements whose words are code. */
const verbatim = /^(style|script|pre|math|code)$/;

const hasWords = (text: string): boolean => /[A-Za-z]{2,}/.test(text);
const collapsed = (text: string): string => text.replace(/[ \t\r\n]+/g, ' ');

const nodesOf = (fragment: unknown): Node[] => ((fragment as { nodes?: unknown[] } | undefined)?.nodes ?? []).filter(isNode);
const isInline = ({ type, name }: Node): boolean => type === 'RegularElement' && inline.test(String(name));
const isVerbatim = ({ type, name }: Node): boolean => type === 'RegularElement' && verbatim.test(String(name));
const isComment = ({ type }: Node): boolean => type === 'Comment';
const isBlank = (node: Node): boolean => node.type === 'Text' && String(node.data).trim() === '';

/** Words that stand in the node itself, not in what it chooses between or repeats. */
const ownWords = (node: Node): boolean =>
  node.type === 'Text' ? hasWords(String(node.data)) : isInline(node) && !isVerbatim(node) && nodesOf(node.fragment).some(ownWords);

/** What may stand in a sentence. A comment may not: Svelte's own ones hold for the next line. */
const inSentence = (node: Node): boolean =>
  ['Text', 'ExpressionTag', 'IfBlock', 'EachBlock', 'KeyBlock', 'RenderTag', 'Component'].includes(node.type) || isInline(node);

/** The messages of a component's markup. */
export function messagesInMarkup(fragment: unknown, codes: ReadonlySet<string>): Message[] {
  const messages: Message[] = [];

  const sentence = (nodes: readonly Node[]): void => {
    const from = nodes.findIndex((node) => !isBlank(node));
    const to = nodes.findLastIndex((node) => !isBlank(node));
    const run = nodes.slice(from, to + 1);
    const [first] = run;
    if (!first) return;
    if (!run.some(ownWords)) {
      for (const node of run) into(node);
      return;
    }
    if (run.length === 1 && first.type !== 'Text') {
      into(first); // the words of its own are a message by themselves
      return;
    }
    const slots: Slot[] = [];
    const textOf = (node: Node): string => {
      if (node.type === 'Text') return collapsed(String(node.data));
      const inner = nodesOf(node.fragment);
      if (ownWords(node) && inner[0]) {
        const number = slots.push({
          start: node.start,
          end: node.end,
          inner: { start: inner[0].start, end: inner.at(-1)?.end ?? inner[0].end },
        });
        attributes(node);
        return `<${number}>${inner.map(textOf).join('')}</${number}>`;
      }
      into(node);
      return `{${slots.push({ start: node.start, end: node.end })}}`;
    };
    // white space around the sentence stays where it is
    const last = run.at(-1) ?? first;
    const lead = first.type === 'Text' ? (/^\s*/.exec(String(first.raw))?.[0].length ?? 0) : 0;
    const trail = last.type === 'Text' ? (/\s*$/.exec(String(last.raw))?.[0].length ?? 0) : 0;
    const text = run
      .map(textOf)
      .join('')
      .replace(/^[ \n\t]+|[ \n\t]+$/g, '');
    messages.push({ start: first.start + lead, end: last.end - trail, kind: 'markup', text, slots });
  };

  const attribute = (node: Node): void => {
    const name = String(node.name ?? '');
    if (node.type !== 'Attribute') {
      if (isNode(node.expression) && node.type !== 'StyleDirective' && node.type !== 'ClassDirective')
        messages.push(...messagesInScript(node.expression, codes));
      return;
    }
    if (codeAttributes.test(name)) return;
    const parts = (Array.isArray(node.value) ? node.value : [node.value]).filter(isNode);
    const isText = textAttributes.test(name);
    const expressions = parts.filter(({ type }) => type === 'ExpressionTag');
    const words = parts.map((part) => (part.type === 'Text' ? String(part.data) : '{')).join('');
    const start = parts[0]?.start ?? 0;
    if (parts.some(({ type }) => type === 'Text') && (isText ? hasWords(words) : /[A-Za-z]{2,} [A-Za-z]{2,}|^[A-Z][a-z]+$/.test(words))) {
      const slots: Slot[] = [];
      const text = parts
        .map((part) => (part.type === 'Text' ? collapsed(String(part.data)) : `{${slots.push({ start: part.start, end: part.end })}}`))
        .join('');
      messages.push({ start, end: parts.at(-1)?.end ?? start, kind: 'attribute', text, slots });
    }
    for (const { expression } of expressions)
      if (isNode(expression)) messages.push(...messagesInScript(expression, codes, isText ? 'text' : 'code'));
  };
  const attributes = (node: Node): void => {
    for (const one of (node.attributes as unknown[] | undefined) ?? []) if (isNode(one)) attribute(one);
  };

  /** the messages inside of a node that is no sentence itself */
  const into = (node: Node): void => {
    if (node.type === 'Text' || isComment(node)) return;
    attributes(node);
    if (isVerbatim(node)) return;
    if (node.type === 'ExpressionTag') {
      if (isNode(node.expression)) messages.push(...messagesInScript(node.expression, codes, 'text'));
      return;
    }
    for (const field of ['test', 'expression', 'key', 'declaration', 'tag']) {
      const code = node[field];
      if (isNode(code)) messages.push(...messagesInScript(code, codes));
    }
    for (const field of ['fragment', 'consequent', 'alternate', 'body', 'fallback', 'pending', 'then', 'catch']) block(node[field]);
  };

  const block = (inside: unknown): void => {
    let run: Node[] = [];
    const close = (): void => {
      sentence(run);
      run = [];
    };
    for (const node of nodesOf(inside)) {
      if (inSentence(node)) run.push(node);
      else {
        close();
        into(node);
      }
    }
    close();
  };

  block(fragment);
  return messages;
}
