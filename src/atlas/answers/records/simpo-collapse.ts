import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Why does SimPO collapse, and what has the learning rate to do with it?',
  asked: [
    'simpo learning rate',
    'simpo outputs garbage',
    'simpo degenerate output',
    'orpo collapse learning rate',
    'cpo_alpha',
    'cpo simpo',
    'model broken after simpo',
    'reference-free loss diverges',
    'both logps crash simpo',
    'repetition after simpo',
  ],
  said: [
    'SimPO reads the gap between two averages and nothing else: no reference and no likelihood term holds the chosen answer up.',
    'Where two answers share most of their words both can fall with every step, so a larger rate takes them further, and other words fill the places.',
    'A likelihood term on the chosen answer turns the fall into a rise here, on average.',
  ],
  study: 'often-simpo-rate',
  claim: 'faster-is-lower',
  panels: [
    {
      says: 'The larger the rate, the further the chosen answer falls; a likelihood term holds it.',
      up: 'change of log π(chosen) after 60 steps (nats)',
      plot: { kind: 'law', y: 'chosen', over: 'rate', at: [0.03, 0.1, 0.3, 1, 3, 10], arms: ['simpo', 'likelihood'] },
      lines: { simpo: 'SimPO alone', likelihood: 'with likelihood' },
      zero: true,
    },
    {
      says: 'Without it other words fill the places that the two answers share.',
      up: 'probability of another word in a shared place',
      plot: { kind: 'law', y: 'elsewhere', over: 'rate', at: [0.03, 0.1, 0.3, 1, 3, 10], arms: ['simpo', 'likelihood'] },
      lines: { simpo: 'SimPO alone', likelihood: 'with likelihood' },
      zero: true,
    },
  ],
  trl: 'In TRL 1.9.0 SimPO is `CPOConfig(loss_type="simpo", cpo_alpha=0.0)` of `trl.experimental.cpo`; the default `cpo_alpha=1.0` adds the likelihood term, a mean over tokens. Its `beta` is 0.1 by default, and 2.0 in the authors’ code. Watch `logps/chosen`: where it drops with `rewards/margins` still growing, lower the rate or add the term.',
  papers: ['2405.14734', '2401.08417'],
  related: ['both-fall', 'chosen-falls', 'answers-get-longer'],
});
