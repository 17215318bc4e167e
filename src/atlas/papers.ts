import type { PaperId } from './claim.ts';

/** A paper that claims are from, by its arXiv id. */
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
