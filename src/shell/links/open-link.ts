import { type LinkReader, longest, readLink } from './link.ts';

/** Links longer than this are packed, where that makes them shorter: drawn curves and moved vectors, not everyday settings. */
const longestPlain = 400;

/** A shorter form of a long link; a short one as it is. */
export async function packLink(hash: string): Promise<string> {
  if (hash.length <= longestPlain) return hash;
  const { deflateLink } = await import('./packed-link.ts');
  return deflateLink(hash);
}

/** Opens a link's hash, of whatever version. One that is too long is not even searched for its version. */
export async function openLink(hash: string): Promise<{ view: string; reader: LinkReader }> {
  const text = hash.replace(/^#/, '');
  if (text.length > longest || new URLSearchParams(text).get('v') !== '2') return readLink(hash);
  const { openPacked } = await import('./packed-link.ts');
  return openPacked(text);
}
