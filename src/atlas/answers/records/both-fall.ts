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
    'Two answers that differ at the start and then go on alike can have gradients so alike that one push moves both.',
    'The loss reads the margin alone, and that grows: then both fall if the rejected answer pulls the shared words harder (its gradient is the longer one), and both rise if the chosen one does.',
    'In this toy enough shared words make it so, and other words in their places take what both lose.',
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
      up: 'probability in a shared place',
      plot: { kind: 'lines', y: ['afterChosen', 'elsewhere'], updates: [0, 1, 2, 4, 6, 8, 10], arms: ['together'] },
      lines: { afterChosen: 'the shared word', elsewhere: 'any other word' },
    },
  ],
  trl: 'TRL logs both sides as `rewards/chosen` and `rewards/rejected`, and `logps/chosen`, `logps/rejected`. No setting of TRL 1.9.0 leaves these shared words out of the loss; pairs that differ in more than a few words entangle less.',
  readings: ['both-fall'],
  related: ['chosen-falls', 'squeezing', 'accuracy-one'],
});
