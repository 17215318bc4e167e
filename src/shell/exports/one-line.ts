/** Text on one line, as a comment of a file needs it: whatever ends a line somewhere, and every other control character, is a space. */
export const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ');
