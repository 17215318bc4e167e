// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the control characters that are meant
const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** A console's text without its colours and cursor moves. */
export const withoutAnsi = (text: string): string => (text.includes('\u001b') ? text.replace(ANSI, '') : text);
