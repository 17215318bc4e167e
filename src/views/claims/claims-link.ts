import type { Range } from '../../core/range.ts';
import { number, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
import { writeLink } from '../../shell/links/link.ts';
import type { ClaimsLink } from './claims.svelte.ts';
import { claimsPlace } from './place.ts';

export const claimRanges = {
  seeds: { min: 1, max: 200, logarithmic: true, integer: true },
  seed: { min: 1, max: 1_000_000, logarithmic: true, integer: true },
} as const satisfies Record<string, Range>;

/** Which claims there are is known to the view, which is fetched later; here an id only has to look like one. */
const id: TextCodec<string> = {
  read: (written) => (/^[a-z][a-z0-9-]{1,40}$/.test(written) ? written : null),
  write: String,
  rule: 'A claim is named in lower-case letters, digits and hyphens.',
};

export const { read: readClaims, write: writeClaims } = viewLink(
  table<Omit<ClaimsLink, 'claim'>>({
    seeds: number('seeds', claimRanges.seeds, null),
    seed: number('seed', claimRanges.seed, 1),
  }),
  () => table<Pick<ClaimsLink, 'claim'>>({ claim: text('claim', id, null) }),
);

/** The link to one claim, without '#'. */
export const claimHash = (link: ClaimsLink): string => writeLink(claimsPlace.route, writeClaims(link));
