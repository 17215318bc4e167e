import { type LinkReader, readLink } from './link.ts';

/** Links longer than this are packed, where that makes them shorter: drawn curves and moved vectors, not everyday settings. */
const longestPlain = 400;

/** A shorter form of a long link; a short one as it is. */
export async function packLink(hash: string): Promise<string> {
  if (hash.length <= longestPlain) return hash;
  const { deflateLink } = await import('./packed-link.ts');
  return deflateLink(hash);
}

/** Opens a link's hash, of whatever version. */
export async function openLink(hash: string): Promise<{ view: string; reader: LinkReader }> {
  if (new URLSearchParams(hash.replace(/^#/, '')).get('v') !== '2') return readLink(hash);
  const { openPacked } = await import('./packed-link.ts');
  return openPacked(hash);
}
