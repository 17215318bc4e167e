import { isRecord, looseValue, unstringed } from '../rows/loose-json.ts';

export interface Message {
  readonly role: string;
  readonly content: string;
}

/** A text or a list of messages. */
export type Field = string | readonly Message[];

/** What was met in messages and is not in their text as it stands. */
export interface Met {
  images: boolean;
  toolCalls: boolean;
  roles: boolean;
  /** what a model thought before it answered */
  thinking: boolean;
}

export const nothingMet = (): Met => ({ images: false, toolCalls: false, roles: false, thinking: false });

export const isMessages = (field: Field): field is readonly Message[] => typeof field !== 'string';

export const textOf = (field: Field): string =>
  isMessages(field)
    ? field
        .map(({ content }) => content)
        .filter((content) => content !== '')
        .join('\n')
    : field;

/** Records in records that are looked into for a text: deeper ones are no message, and would exhaust the stack. */
const MAX_DEPTH = 12;

/** A value as JSON; how it nests is the file's, and may be deeper than can be written. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '…';
  }
}

/** A call of a tool as a line of text. */
function callText(call: unknown): string {
  const { function: called, name, arguments: args, input } = (isRecord(call) ? call : {}) as Record<string, unknown>;
  const inner = isRecord(called) ? called : { name, arguments: args ?? input };
  const given = inner['arguments'];
  return `${String(inner['name'] ?? 'tool')}(${typeof given === 'string' ? given : given === undefined ? '' : jsonText(given)})`;
}

/** The text of a message's content: a text, or parts of which some are text. null where it is neither. */
function contentText(content: unknown, met: Met, depth = 0): string | null {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  if (depth > MAX_DEPTH) return null;
  if (isRecord(content)) return contentText(content['text'] ?? content['parts'] ?? null, met, depth + 1);
  if (!Array.isArray(content)) return null;
  const texts: string[] = [];
  for (const part of content as unknown[]) {
    if (typeof part === 'string') texts.push(part);
    else if (!isRecord(part)) return null;
    else if (typeof part['text'] === 'string') texts.push(part['text']);
    else if (part['type'] === 'tool_use' || part['type'] === 'tool_call') {
      met.toolCalls = true;
      texts.push(callText(part));
    } else if (part['type'] === 'tool_result') texts.push(contentText(part['content'], met, depth + 1) ?? '');
    else if (/think|reason/.test(String(part['type']))) met.thinking = true;
    else met.images = true;
  }
  return texts.join('\n');
}

/** Messages, one or several, as they stand or in a record. */
function ofMessages(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.length > 0 && value.every((item) => messageOf(item, nothingMet()) !== null);
  return (
    isRecord(value) &&
    (messageOf(value, nothingMet()) !== null || ofMessages(value['messages'] ?? value['conversations'] ?? null, depth + 1))
  );
}

/** Fields in which a record that is a response keeps its text. */
const INSIDE =
  'messages conversations text content full_text response completion answer output generated_text generation message choices'.split(' ');

const roleNames: Readonly<Record<string, string>> = {
  human: 'user',
  gpt: 'assistant',
  bot: 'assistant',
  model: 'assistant',
  chatbot: 'assistant',
};

/** A message in OpenAI's form, or in ShareGPT's; null where it is none. */
function messageOf(value: unknown, met: Met): Message | null {
  if (!isRecord(value)) return null;
  const role = value['role'] ?? value['from'] ?? value['speaker'];
  if (typeof role !== 'string') return null;
  const calls = value['tool_calls'] ?? (value['function_call'] ? [value['function_call']] : undefined);
  const hasContent = ['content', 'value', 'text', 'parts'].find((name) => name in value);
  if (hasContent === undefined && calls === undefined) return null;
  let content = contentText(hasContent === undefined ? null : value[hasContent], met);
  if (content === null) return null;
  if (Array.isArray(calls) && calls.length > 0) {
    met.toolCalls = true;
    content = [content, ...calls.map(callText)].filter((text) => text !== '').join('\n');
  }
  if (role === 'function_call' || role === 'tool_call') met.toolCalls = true;
  if (/<image>|<\|image/i.test(content)) met.images = true;
  return { role: roleNames[role.toLowerCase()] ?? role.toLowerCase(), content };
}

/**
 * A field of a record: a text, a list of messages, undefined where it is missing (or null), or null where it is neither. A text that is JSON
 * of messages is those; JSON of anything else is an answer as it stands.
 */
export function readField(value: unknown, met: Met, depth = 0): Field | undefined | null {
  if (depth > MAX_DEPTH) return null;
  const given = unstringed(value);
  if (typeof value === 'string' && typeof given === 'object' && !ofMessages(given)) return value;
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'string') {
    if (/^\s*<(?:image|audio|video)>/i.test(given)) met.images = true;
    const inner = /^"(?:[^"\\]|\\.)*"$/s.test(given) ? looseValue(given) : given;
    return typeof inner === 'string' ? inner : given;
  }
  if (isRecord(given)) {
    const { role, content } = given;
    // messages as columns: datasets writes a sequence of records so
    if (Array.isArray(role) && Array.isArray(content) && role.length === content.length)
      return readField(
        role.map((each: unknown, i) => ({ role: each, content: content[i] as unknown })),
        met,
        depth + 1,
      );
    const one = messageOf(given, met);
    if (one) return [one];
    const nested = INSIDE.map((name) => given[name]).find((inside) => inside !== undefined && inside !== null);
    return nested === undefined ? null : readField(nested, met, depth + 1);
  }
  if (!Array.isArray(given)) return null;
  // what a server of models answers: the first of its choices
  const [choice] = given as unknown[];
  if (isRecord(choice) && messageOf(choice, nothingMet()) === null && (choice['message'] ?? choice['text'] ?? choice['generated_text']))
    return readField(choice['message'] ?? choice['text'] ?? choice['generated_text'], met, depth + 1);
  const messages: Message[] = [];
  for (const item of given as unknown[]) {
    const message = messageOf(item, met);
    if (!message) return given.length === 1 && typeof item === 'string' ? item : null;
    messages.push(message);
  }
  if (given.some((item) => isRecord(item) && 'reasoning_content' in item && item['reasoning_content'])) met.thinking = true;
  if (messages.length > 1 || messages.some(({ role }) => role !== 'assistant')) met.roles = true;
  return messages;
}
