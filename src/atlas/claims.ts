import type { Claim, PaperId } from './claim.ts';
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

export interface Paper {
  readonly id: PaperId;
  readonly title: string;
  readonly authors: string;
}

export const papers: readonly Paper[] = [
  {
    id: '2410.08847',
    title: 'Unintentional Unalignment: Likelihood Displacement in Direct Preference Optimization',
    authors: 'Razin, Malladi, Bhaskar, Chen, Arora, Hanin',
  },
  {
    id: '2410.13828',
    title: 'A Common Pitfall of Margin-based Language Model Alignment: Gradient Entanglement',
    authors: 'Yuan, Zeng, Wu, Wang, Wang, Leqi',
  },
  {
    id: '2404.14367',
    title: 'Preference Fine-Tuning of LLMs Should Leverage Suboptimal, On-Policy Data',
    authors: 'Tajwar, Singh, Sharma, Rafailov, Schneider, Xie, Ermon, Finn, Kumar',
  },
];

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
