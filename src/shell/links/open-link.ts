import { fetchGroupLosses, lacksGroupLosses } from '../losses/group-losses.ts';
import { longest, type OpenedLink, partsOfLink, readLink } from './link.ts';

/** Links longer than this are packed, where that makes them shorter: drawn curves and moved vectors, not everyday settings. */
const longestPlain = 400;

/** A shorter form of a long link; a short one as it is. */
export async function packLink(hash: string): Promise<string> {
  if (hash.length <= longestPlain) return hash;
  const { deflateLink } = await import('./packed-link.ts');
  return deflateLink(hash);
}

/** Version 2 says that a link is packed; since version 3 the field `z` does, which is of no other use. */
function isPacked(text: string): boolean {
  const { route, fields } = partsOfLink(text);
  const link = new URLSearchParams(fields);
  return route === null ? link.get('v') === '2' : link.has('z');
}

/** Opens a link's hash, of whatever version. One that is too long is not even searched for its version. */
export async function openLink(hash: string): Promise<OpenedLink> {
  const text = hash.replace(/^#/, '');
  const isPlain = text.length > longest || !isPacked(text);
  const link = isPlain ? readLink(hash) : await (await import('./packed-link.ts')).openPacked(text);
  // Views read their links at once; what cannot be fetched is refused there.
  if (lacksGroupLosses(link.reader.text)) await fetchGroupLosses().catch(() => {});
  return link;
}
