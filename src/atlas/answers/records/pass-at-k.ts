import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why does pass@k fall while pass@1 rises?',
  asked: [
    'passatk',
    'pass at k',
    'limit of rlvr',
    'less diverse samples',
    'pass@k',
    'passk decreases',
    'pass@64 lower than base model',
    'rl narrows reasoning',
    'diversity loss after grpo',
    'base model better at large k',
  ],
  said: [
    'Reward goes to what works most often; a strategy that solves few prompts loses its probability on those as well, if they share what is trained.',
    'Here one strategy solves eight prompts of ten: pass@1 rises from 0.62 towards 0.8, and pass@16 falls from nearly 1 towards the same 0.8.',
    'A model that can tell the prompts apart need not do this.',
  ],
  study: 'often-pass-at-k',
  claim: 'sixteen-falls',
  panels: [
    {
      says: 'Pass@1 rises and pass@16 falls: both end at what one strategy alone solves.',
      up: 'prompts solved',
      plot: { kind: 'lines', y: ['one', 'sixteen'], updates: [0, 2, 4, 7, 10, 14, 18, 24, 30] },
      level: { at: 0.8, text: 'what the first strategy alone solves' },
    },
  ],
  trl: 'TRL 1.9.0 logs no pass@k: sample `k` answers for each prompt of a held-out set before and after. An entropy bonus (`entropy_coef`), a KL (`beta`), or harder prompts are the usual counterweights; none of them is tested here.',
  papers: ['2504.13837'],
  related: ['entropy-collapse', 'equal-rewards', 'dividing-by-std'],
});
