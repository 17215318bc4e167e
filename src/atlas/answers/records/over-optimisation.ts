import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why does the true quality fall while the preference loss still improves?',
  asked: [
    'reward hacking',
    'over-optimization',
    'reward overoptimisation',
    'goodhart',
    'too many epochs of dpo',
    'quality degrades after training longer',
  ],
  said: [
    'The loss knows only the comparisons that were made: an answer that few of them touched can look better than it is.',
    'In this toy DPO can move much mass to such an answer, and then the worst runs end far below the others in true reward.',
    'A likelihood term on the chosen answers keeps mass where there is data: the worst tenth of runs ends at least 0.5 higher, though not every run is better.',
  ],
  study: '11-overoptimisation',
  claim: 'tail-of-dpo',
  trl: 'DPOConfig(loss_type=["sigmoid", "sft"], loss_weights=[1.0, 0.2]) adds the term; RPO’s older setting is rpo_alpha.',
  related: ['chosen-falls', 'beta', 'sft-first'],
});
