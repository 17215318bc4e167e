import { chesClaims } from './ches-claims.ts';
import type { Claim, PaperId } from './claim.ts';
import { displacementClaims } from './displacement-claims.ts';
import { entanglementClaims } from './entanglement-claims.ts';
import { klClaims } from './kl-claims.ts';
import { negativeGradientClaims } from './negative-gradient-claims.ts';
import { noOverNeverClaims } from './no-over-never-claims.ts';
import { offlinePairsClaims } from './offline-pairs-claims.ts';
import { onPolicyClaims } from './on-policy-claims.ts';
import { suffixClaims } from './suffix-claims.ts';

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
  ...chesClaims,
  ...entanglementClaims,
  ...suffixClaims,
  ...klClaims,
  ...negativeGradientClaims,
  ...onPolicyClaims,
  ...offlinePairsClaims,
];
