import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why does true quality fall while the preference loss improves?',
  asked: [
    'overfitting',
    'quality goes up and then down',
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
    'Here DPO’s loss keeps falling, while the true reward is highest after about 40 updates and at least 0.5 lower at 400, on average.',
    'A likelihood term keeps mass where there is data: after 150 updates the worst tenth of runs is at least 0.5 higher, if not every run.',
  ],
  study: '11-overoptimisation',
  claim: 'quality-turns',
  panels: [
    {
      says: 'The loss on the pairs keeps falling …',
      up: 'DPO’s loss',
      plot: { kind: 'lines', y: 'loss', updates: [0, 10, 20, 40, 60, 80, 100, 150, 200, 300, 400], arms: ['dpo'] },
      lines: { dpo: 'the loss' },
    },
    {
      says: '… while the true reward rises, turns and falls.',
      up: 'true reward',
      plot: { kind: 'lines', y: 'reward', updates: [0, 10, 20, 40, 60, 80, 100, 150, 200, 300, 400], arms: ['dpo', 'rpo'] },
      lines: { dpo: 'DPO alone', rpo: 'with likelihood' },
      turn: { line: 'dpo', at: 'highest' },
    },
  ],
  controls: ['eta', 'pairs'],
  trl: 'In TRL 1.9.0, `DPOConfig(loss_type=["sigmoid", "sft"], loss_weights=[1.0, 0.02])` adds the term, a mean over tokens in TRL (up to 0.28 there was `rpo_alpha`). Keep a check of quality that the loss does not see, and stop by it.',
  related: ['chosen-falls', 'sft-first', 'squeezing'],
});
