import type { Claim } from './claim.ts';
import { chesClaims } from './studies/ches.ts';
import { displacementClaims } from './studies/displacement.ts';
import { displacementConditionsClaims } from './studies/displacement-conditions.ts';
import { entanglementClaims } from './studies/entanglement.ts';
import { klClaims } from './studies/kl.ts';
import { negativeGradientClaims } from './studies/negative-gradient.ts';
import { noOverNeverClaims } from './studies/no-over-never.ts';
import { offlinePairsClaims } from './studies/offline-pairs.ts';
import { onPolicyClaims } from './studies/on-policy.ts';
import { remediesClaims } from './studies/remedies.ts';
import { suffixClaims } from './studies/suffix.ts';

/** Every claim, paper by paper: what the page lists, links name and tests run. */
export const claims: readonly Claim[] = [
  ...noOverNeverClaims,
  ...displacementClaims,
  ...displacementConditionsClaims,
  ...chesClaims,
  ...entanglementClaims,
  ...remediesClaims,
  ...suffixClaims,
  ...klClaims,
  ...negativeGradientClaims,
  ...onPolicyClaims,
  ...offlinePairsClaims,
];
