import type { Message, Slot } from './message.ts';

/** A node of ESTree, as Svelte and Vite give it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string' && typeof (value as Node).start === 'number';

const children = (node: Node): [string, Node][] =>
  Object.entries(node).flatMap(([field, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isNode).map((child): [string, Node] => [field, child]),
  );

/** Two words with a space between, a word with a space beside it, or a word that begins like a sentence. */
const isPhrase = (text: string): boolean =>
  /[A-Za-z]{2,}[,.:;)”’]?[ \u00a0\u202f]+[(“‘]?[A-Za-z0-9{]/.test(text) ||
  /[A-Za-z}”’,][ \u00a0\u202f]+[A-Za-z]{2,}/.test(text) ||
  /(^ +[a-z]{2,})|([a-z]{2,}[,.:]? +$)/.test(text) ||
  /^[A-Z][a-z]+([-’][a-z]+)*[.:,…]?$/.test(text);

/** A word, for places where only readers' texts stand. */
const isWord = (text: string): boolean => /[A-Za-z]{2,}/.test(text);

/** Fields of our own objects that hold texts for readers. */
const textFields = new Set(
  'title label options xLabel yLabel word tip about text question words told task note caption description reason unit instead behaviour problem message heading summary hint advice'.split(
    ' ',
  ),
);

/** Calls whose arguments are code, and names of what such code is stored in. */
const codeCalls =
  /^(querySelector(All)?|closest|matches|matchMedia|getContext|create[A-Z]\w*|begin[A-Z]\w*Pass|setAttribute|attr|RegExp|startsWith|endsWith|split|take|choice|raw)$/;
const codeNames = /^(loss|className|font|fontFamily|tex|wgsl|python|type)$/;

/** Formulas, markup and styles. */
const isCode = (text: string): boolean =>
  /\\[a-zA-Z,!]/.test(text) ||
  /^\s*<[a-z?]/.test(text) ||
  /sans-serif|\dpx\b/.test(text) ||
  /^[a-z]\w*\([^.]*\)$/.test(text) ||
  (/[\w})] \* [\w{(]/.test(text) && !/[.…]$/.test(text));

const isPlain = (node: Node): boolean => node.type === 'Literal' && typeof node.value === 'string';
const isString = (node: Node): boolean => isPlain(node) || node.type === 'TemplateLiteral';

interface Place {
  readonly node: Node;
  readonly field: string;
}

/** Strips what wraps an expression without changing it. */
const isWrapper = ({ type }: Node): boolean =>
  /^(TSAsExpression|TSSatisfiesExpression|TSNonNullExpression|ParenthesizedExpression)$/.test(type);

const nameOf = (node: unknown): string => {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier') return String(node.name);
  if (node.type === 'MemberExpression') return nameOf(node.property);
  return typeof node.value === 'string' ? node.value : '';
};

/** How a string at this place is read: by nobody, by readers if it looks like a phrase, or by readers for certain. */
function audience(place: Place, above: readonly Place[], top: 'code' | 'text'): 'code' | 'phrase' | 'text' {
  let field = place.field;
  for (let i = above.length - 1; i >= 0; i--) {
    const parent = above[i]?.node as Node;
    switch (parent.type) {
      case 'ConditionalExpression':
        if (field === 'test') return 'code';
        break;
      case 'LogicalExpression':
      case 'ArrayExpression':
        break;
      case 'TemplateLiteral': // of a text, or else of code
        break;
      case 'BinaryExpression':
        if (parent.operator !== '+') return 'code';
        break;
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
      case 'TSLiteralType':
      case 'TSImportType':
      case 'TaggedTemplateExpression':
      case 'SwitchCase':
        return parent.type === 'ExportNamedDeclaration' && field === 'declaration' ? 'phrase' : 'code';
      case 'MemberExpression':
        return 'code';
      case 'Property': {
        const call = above[i - 2]?.node; // of the function that is given the object
        if (field === 'key' || codeNames.test(nameOf(parent.key))) return 'code';
        if (call?.type === 'CallExpression' && codeCalls.test(nameOf(call.callee))) return 'code';
        return textFields.has(nameOf(parent.key)) ? 'text' : 'phrase';
      }
      case 'AssignmentExpression':
        return codeNames.test(nameOf(parent.left)) ? 'code' : 'phrase';
      case 'CallExpression':
      case 'NewExpression':
        if (nameOf(parent.callee) === 'word') return 'text';
        return codeCalls.test(nameOf(parent.callee)) ? 'code' : 'phrase';
      default:
        if (!isWrapper(parent)) return 'phrase';
    }
    field = above[i]?.field ?? '';
  }
  return top === 'text' ? 'text' : 'phrase';
}

/** What a sum of strings adds, in order, if it is one. */
function summands(node: Node): Node[] {
  const { type, operator, left, right, expression } = node;
  if (type === 'ParenthesizedExpression' && isNode(expression)) return summands(expression);
  if (type === 'BinaryExpression' && operator === '+' && isNode(left) && isNode(right)) return [...summands(left), ...summands(right)];
  return [node];
}

/** The message of a string or of a sum of strings; null if it has no words. */
function messageOf(parts: readonly Node[], node: Node): Message {
  const slots: Slot[] = [];
  const slot = ({ start, end }: Node): string => `{${slots.push({ start, end })}}`;
  const text = parts
    .map((part) => {
      if (isPlain(part)) return String(part.value);
      if (part.type !== 'TemplateLiteral') return slot(part);
      const quasis = part.quasis as { value: { cooked: string } }[];
      const expressions = part.expressions as Node[];
      return quasis.map(({ value }, i) => value.cooked + (expressions[i] ? slot(expressions[i]) : '')).join('');
    })
    .join('');
  return { start: node.start, end: node.end, kind: 'script', text, slots };
}

/** The messages of an expression or a program. `codes` are no texts wherever they stand; `top` says who reads the value of the whole. */
export function messagesInScript(root: Node, codes: ReadonlySet<string>, top: 'code' | 'text' = 'code'): Message[] {
  const messages: Message[] = [];
  const visit = (place: Place, above: readonly Place[]): void => {
    const { node } = place;
    const parts = summands(node);
    if (parts.some(isString)) {
      const message = messageOf(parts, node);
      const words = message.text.replace(/\{\d+\}/g, '{}');
      const read = audience(place, above, top);
      const isText = read === 'text' ? isWord(words) : read === 'phrase' && isPhrase(words);
      if (isText && !isCode(words) && (read === 'text' || !codes.has(message.text))) {
        messages.push(message);
        // what is chosen between inside of a text is text too
        for (const part of parts) {
          if (part.type === 'TemplateLiteral')
            for (const inner of part.expressions as Node[]) messages.push(...messagesInScript(inner, codes, 'text'));
          else if (!isString(part)) messages.push(...messagesInScript(part, codes, 'text'));
        }
        return;
      }
    }
    for (const [field, child] of children(node)) visit({ node: child, field }, [...above, place]);
  };
  visit({ node: root, field: '' }, []);
  return messages;
}

/** The strings that types name: they are compared and stored, and must stay what they are. */
export function codesInScript(root: Node): string[] {
  const literal = root.type === 'TSLiteralType' ? root.literal : null;
  if (isNode(literal) && typeof literal.value === 'string') return [literal.value];
  return children(root).flatMap(([, child]) => codesInScript(child));
}
