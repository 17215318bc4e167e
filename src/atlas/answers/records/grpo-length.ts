import { defineAnswer } from '../answer.ts';

export const answer = defineAnswer({
  question: 'Does GRPO make answers longer by itself?',
  asked: [
    'completions/clipped_ratio',
    'grpo length bias',
    'response length bias',
    'completion length grows during grpo',
    'long wrong answers',
    'per token or per sequence loss',
    'token-level loss',
    'loss_type dapo or grpo',
    'dr_grpo length',
    'loss_agg_mode token-mean',
    'seq-mean-token-mean',
    'mean_length keeps increasing',
  ],
  said: [
    'Averaged over each answer’s own tokens (`grpo`), a token of a long answer counts less, so each token of a long mistake is pushed down little.',
    'Here long answers are right on one prompt and short ones on another: averaged per answer the length grows, averaged over all tokens (`dapo`, TRL’s default) it shrinks.',
    'Where being right has nothing to do with the length, neither average favours long answers.',
  ],
  study: 'often-length-groups',
  claim: 'per-answer-longer',
  panels: [
    {
      says: 'Averaged per answer the length grows; averaged over all tokens it shrinks.',
      up: 'expected length (tokens)',
      plot: { kind: 'law', y: 'length', over: 'updates', at: [0, 2, 4, 6] },
      lines: { answer: 'per answer (grpo)', token: 'all tokens (dapo)', constant: 'one divisor (dr_grpo)' },
      level: { at: 5, text: 'at the start' },
    },
    {
      says: 'Right answers become more frequent either way, here most of all per answer.',
      up: 'share of right answers',
      plot: { kind: 'law', y: 'right', over: 'updates', at: [0, 2, 4, 6] },
      lines: { answer: 'per answer (grpo)', token: 'all tokens (dapo)', constant: 'one divisor (dr_grpo)' },
    },
  ],
  trl: 'In TRL 1.9.0, `GRPOConfig(loss_type="grpo")` averages over each answer’s tokens; "dapo", the default, over all tokens of the accumulated batch, and "bnpo" over those of a local one; "dr_grpo" divides by `max_completion_length`, whatever an answer’s length.',
  papers: ['2503.20783', '2503.14476'],
  related: ['answers-get-longer', 'dividing-by-std', 'loss-zero'],
});
