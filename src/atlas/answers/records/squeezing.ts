import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Where does the probability go when a rejected answer is pushed down?',
  asked: [
    'squeeze',
    'model repeats itself after dpo',
    'squeezing effect',
    'negative gradient on unlikely answers',
    'probability goes to argmax',
    'rejected logps collapse',
    'peaky distribution after dpo',
    'where does the mass go',
  ],
  said: [
    'Most of all to the answer that is likeliest already: each other logit is lifted in proportion to its own probability. Where an unlikely answer is pushed down, most of the less likely ones lose as well.',
    'Here the likeliest of ten answers gains about fifty points in forty steps, although the rejected one had hardly anything to give.',
    'In one DPO pair of single tokens, each with a logit of its own, the push on the preferred token cancels that exactly; in a real model tokens share parameters, and it need not.',
  ],
  study: 'often-squeezing',
  claim: 'top-gains',
  panels: [
    {
      says: 'One answer is pushed down: the likeliest gains, and the other eight together lose.',
      up: 'probability',
      plot: { kind: 'lines', y: ['piTop', 'piOthers', 'piRejected'], updates: [0, 5, 10, 15, 20, 25, 30, 35, 40], arms: ['alone'] },
      lines: { piTop: 'the likeliest', piOthers: 'the other eight, together', piRejected: 'pushed down' },
      zero: true,
    },
    {
      says: 'In a DPO pair of tokens the other answers keep their ratios exactly.',
      up: 'largest change of others’ log-ratios (nats)',
      plot: { kind: 'lines', y: 'apart', updates: [0, 5, 10, 15, 20, 25, 30, 35, 40] },
      lines: { alone: 'pushed down alone', dpo: 'in a DPO pair' },
      zero: true,
    },
  ],
  controls: ['rate'],
  trl: 'Watch `logps/rejected`: where it falls by tens of nats, a likelihood term (`loss_type=["sigmoid", "sft"]` in TRL 1.9.0) holds the chosen answer up; pairs of the policy’s own answers, or SFT on both answers first (the paper’s remedy), keep the rejected one from being an answer that nobody gives.',
  papers: ['2407.10490'],
  related: ['chosen-falls', 'both-fall', 'over-optimisation'],
});
