/** A single word that readers see. The catalogue of texts finds sentences by themselves; a word alone could as well be a name in the code. */
export const word = (text: string): string => text;
