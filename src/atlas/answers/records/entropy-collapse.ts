import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why does the entropy collapse, and does clip-higher help?',
  asked: [
    'cliphigher',
    'clip-higher dapo',
    'entropy collapse',
    'clip higher',
    'epsilon_high',
    'entropy goes to zero',
    'policy becomes deterministic',
    'entropy bonus',
    'exploration dies',
  ],
  said: [
    'A policy that is paid for right answers moves its probability to them, and its entropy falls with that.',
    'A higher upper clip is meant to let unlikely answers rise further; in this toy the right ones do, so after equally many updates the run is further on, with less entropy left, not more.',
    'Compare entropies at equal reward before you credit the clip.',
  ],
  study: 'often-clip-higher',
  claim: 'higher-keeps-entropy',
  panels: [
    {
      says: 'With a higher upper clip the right answers gain sooner …',
      up: 'probability of the right answers',
      plot: { kind: 'lines', y: 'reward', updates: [0, 8, 16, 24, 32, 40, 56, 80] },
      lines: { same: 'upper clip 0.2', higher: 'upper clip as set', wide: 'upper clip 0.5' },
    },
    {
      says: '… and so less entropy is left after equally many updates.',
      up: 'entropy (nats)',
      plot: { kind: 'lines', y: 'entropy', updates: [0, 8, 16, 24, 32, 40, 56, 80] },
      lines: { same: 'upper clip 0.2', higher: 'upper clip as set', wide: 'upper clip 0.5' },
    },
  ],
  trl: 'In TRL 1.9.0, `GRPOConfig(epsilon=0.2, epsilon_high=0.28)` is the setting of the DAPO paper; the clip acts only where samples are used again (`num_iterations` above 1, or `steps_per_generation` above `gradient_accumulation_steps`). `clip_ratio/high_mean` at 0 means that it does nothing.',
  papers: ['2503.14476'],
  related: ['pass-at-k', 'equal-rewards', 'which-kl'],
});
