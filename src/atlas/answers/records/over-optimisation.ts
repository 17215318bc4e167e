import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why does true quality fall while the preference loss improves?',
  asked: [
    'alignment tax',
    'reward hacking',
    'overoptimization',
    'over-optimization',
    'reward overoptimisation',
    'goodhart',
    'too many epochs of dpo',
    'quality degrades after longer training',
  ],
  said: [
    'The loss knows only the comparisons that were made: an answer that few of them touched can look better than it is.',
    'In this toy DPO can move much mass to such an answer, and the worst of its runs end far below the others in true reward.',
    'A likelihood term on the chosen answers keeps mass where there is data: the worst tenth of runs ends at least 0.5 higher, though not every single run is better.',
  ],
  study: '11-overoptimisation',
  claim: 'tail-of-dpo',
  trl: 'In TRL 1.9.0, `DPOConfig(loss_type=["sigmoid", "sft"], loss_weights=[1.0, 0.02])` adds the term, a mean over tokens in TRL (up to 0.28 there was `rpo_alpha`). Keep a check of quality that the loss does not see, and stop by it.',
  related: ['chosen-falls', 'sft-first', 'squeezing'],
});
