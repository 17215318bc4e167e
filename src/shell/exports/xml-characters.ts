/** XML 1.0 has no place for most control characters and for halves of characters, escaped or not: a file with one opens nowhere. */
export const xmlCharacters = (text: string): string => text.replaceAll(/[^\P{Cc}\t\n\r\x7F-\x9F]|[\uFFFE\uFFFF]|\p{Surrogate}/gu, '\uFFFD');
