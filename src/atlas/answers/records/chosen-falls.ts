import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why does the chosen log-probability fall?',
  asked: [
    'pref_ftx',
    'rpo_alpha',
    'dpop',
    'displacement',
    'chosen rewards fall',
    'rewards/chosen negative',
    'logps/chosen decreases',
    'likelihood displacement',
    'preferred answer less likely',
    'chosen reward goes down while accuracy goes up',
  ],
  said: [
    'DPO’s loss reads only the gap between the two answers: it is content when both fall, if the rejected one falls further.',
    'Where the two share what is trained, pushing one down can drag the other along; if it drags harder than the pull up, others take the probability: here “Yes” in place of “No”.',
    'Whether that matters depends on who gains: look at what your model says now.',
  ],
  study: '09-no-over-never',
  claim: 'no-over-never',
  panels: [
    {
      says: 'The loss falls all the while.',
      up: 'DPO’s loss',
      plot: { kind: 'lines', y: 'loss', updates: Array.from({ length: 11 }, (_, i) => 10 * i), arms: ['dpo'] },
      lines: { dpo: 'the loss' },
    },
    {
      says: '“No”, the chosen answer, falls; “Yes”, which no pair mentions, takes its place.',
      up: 'probability',
      plot: { kind: 'lines', y: ['piNo', 'piNever', 'piYes'], updates: Array.from({ length: 11 }, (_, i) => 10 * i), arms: ['dpo'] },
      lines: { piNo: '“No”, chosen', piNever: '“Never”, rejected', piYes: '“Yes”, in no pair' },
      zero: true,
    },
  ],
  trl: 'In TRL 1.9.0, `DPOConfig(loss_type=["sigmoid", "sft"], loss_weights=[1.0, 0.1])` adds a likelihood term on the chosen answer (a mean over tokens); it stops the fall only where its weight is large enough for the pairs at hand.',
  readings: ['chosen-falls'],
  related: ['both-fall', 'squeezing', 'over-optimisation'],
});
