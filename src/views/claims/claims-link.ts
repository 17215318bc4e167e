import type { Range } from '../../core/range.ts';
import { type LinkFields, type LinkReader, writeLink } from '../../shell/links/link.ts';
import type { ClaimsLink } from './claims.svelte.ts';

export const claimRanges = {
  seeds: { min: 1, max: 200, logarithmic: true, integer: true },
  seed: { min: 1, max: 1_000_000, logarithmic: true, integer: true },
} as const satisfies Record<string, Range>;

export function writeClaims({ seeds, seed, claim }: ClaimsLink): LinkFields {
  return {
    run: { ...(seeds === null ? {} : { seeds: String(seeds) }), ...(seed === 1 ? {} : { seed: String(seed) }) },
    look: claim === null ? {} : { claim },
  };
}

/** Which claims there are is known to the view, which is fetched later; here an id only has to look like one. */
function readId(reader: LinkReader): string | null {
  const text = reader.take('claim');
  if (text === null) return null;
  if (/^[a-z][a-z0-9-]{1,40}$/.test(text)) return text;
  reader.refuse('claim', text, 'A claim is named in lower-case letters, digits and hyphens.');
  return null;
}

export function readClaims(reader: LinkReader): ClaimsLink {
  return { seeds: reader.number('seeds', claimRanges.seeds), seed: reader.number('seed', claimRanges.seed) ?? 1, claim: readId(reader) };
}

/** The link to one claim, without '#'. */
export const claimHash = (link: ClaimsLink): string => writeLink('claims', writeClaims(link));
