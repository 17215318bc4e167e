import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why is the loss stuck at 0.693?',
  asked: [
    'loss 0.693',
    'loss 0.6931',
    'dpo loss does not decrease',
    'ln 2',
    'rewards/margins 0',
    'loss not moving from 0.69',
    'adapter not training',
  ],
  said: [
    '0.693 is ln 2, DPO’s loss of a margin of 0: the policy still is its reference, or does not differ from it on these pairs.',
    'Either no step is made (a rate of 0 or too small, nothing trained, a mask that leaves nothing), or the pairs contradict one another and cancel.',
    'Here both stay at ln 2, while the same pairs, one way only, go far below it.',
  ],
  study: 'often-stuck-at-ln2',
  claim: 'contradictions-stay',
  panels: [
    {
      says: 'The loss stays at ln 2 where no step is made, and where the pairs cancel.',
      up: 'DPO’s loss',
      plot: { kind: 'lines', y: 'loss', updates: [0, 20, 40, 60, 80, 100, 150, 200] },
      lines: { trained: 'pairs one way', frozen: 'no step is made', contradicted: 'each pair both ways' },
      level: { at: Math.LN2, text: 'ln 2 = 0.693' },
    },
  ],
  trl: 'In TRL’s log look at `rewards/margins`: 0 up to rounding before the first step that has a learning rate is right, exactly 0 in every later row means that nothing is trained. Check the adapter’s trainable parameters, `learning_rate` (DPOConfig’s 1e-6, as of 1.9.0, is for full fine-tuning; TRL’s guide has about 1e-5 for adapters), and that `max_length` does not cut both answers off before they differ.',
  papers: ['2305.18290'],
  readings: ['stuck-at-ln2'],
  related: ['which-reference', 'accuracy-one', 'beta'],
});
