import { word } from '../../../core/word.ts';
import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why do chosen and rejected fall together?',
  asked: [
    'both logps decrease',
    'chosen and rejected rewards both negative',
    'both log probs go down',
    'gradient entanglement',
    'margin grows but both fall',
  ],
  said: [
    'Two answers that go on alike after their first words can have nearly the same gradient, so that one push moves both.',
    'The loss reads the margin alone, and the margin grows: both fall where the rejected answer’s gradient is the longer one and they are alike enough, and both rise where the chosen one’s is.',
    'In this toy the number of shared words decides it; what both lose goes to other words in those places.',
  ],
  study: '34-suffix',
  claim: 'both-fall',
  panels: [
    {
      says: 'The margin grows while both answers fall.',
      up: 'change since the start (nats)',
      plot: { kind: 'lines', y: ['gap', 'chosen', 'rejected'], updates: [0, 1, 2, 4, 6, 8, 10], arms: ['together'] },
      lines: { gap: word('margin'), chosen: 'log π of the chosen', rejected: 'log π of the rejected' },
    },
    {
      says: 'What they lose goes to other words in the places that they share.',
      up: 'probability in a shared place, mean over draws',
      plot: { kind: 'lines', y: ['afterChosen', 'elsewhere'], updates: [0, 1, 2, 4, 6, 8, 10], arms: ['together'] },
      lines: { afterChosen: 'the shared word', elsewhere: 'any other word' },
    },
  ],
  trl: 'TRL logs both sides as `rewards/chosen` and `rewards/rejected`, and `logps/chosen`, `logps/rejected`. No setting of TRL 1.9.0 leaves these shared words out of the loss; pairs that differ in more than a few words entangle less.',
  readings: ['both-fall'],
  related: ['chosen-falls', 'squeezing', 'accuracy-one'],
});
