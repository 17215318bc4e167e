import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Do I need SFT before preference tuning?',
  asked: [
    'r1-zero',
    'cold start',
    'sft first or not',
    'preference tuning without a warm start',
    'dpo from base model',
    'skip supervised fine-tuning',
    'policy never samples a right answer',
    'initialise from sft checkpoint',
  ],
  said: [
    'A preference loss on a policy’s own samples can only prefer what the policy samples.',
    'In this toy right answers are rare before SFT, so most pairs compare one wrong answer with another, which says little about right ones.',
    'With 100 demonstrations first, the same loss ends with at least 0.3 more probability on the right answers; the demonstrations alone give most of it.',
  ],
  study: '55-no-warm-start',
  claim: 'dpo',
  panels: [
    {
      says: 'Alone, DPO finds little. Most of the gain comes from the demonstrations; DPO then adds to it.',
      up: 'probability of the right answer',
      plot: { kind: 'bars', y: 'accuracy', arms: ['dpo', 'sft', 'warmDpo'] },
    },
  ],
  controls: ['pairs', 'beta'],
  trl: 'As of TRL 1.9.0: run SFTTrainer first, save its model and give DPOTrainer the path as `model`; without `ref_model` the reference is that same checkpoint.',
  related: ['which-reference', 'stuck-at-ln2', 'chosen-falls'],
});
