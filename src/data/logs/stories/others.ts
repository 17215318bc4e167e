import { isMostlyZero } from '../readings/grpo-zero-loss.ts';
import { type LogFacts, seriesOf, show, showPlace } from '../readings/series.ts';
import { from, pairsTell, slower, type Tell, unsaid } from './story.ts';

export const warmUpShort: Tell = (log, step) => {
  const rate = seriesOf(log, 'learning_rate');
  // rows are no steps: of a log that names none the number is not known
  const tenth = log.isCounted ? '…' : Math.max(1, Math.round((log.steps.at(-1) ?? 0) / 10));
  return {
    headline: `The warm-up is short: the loss jumps${step === undefined ? '' : ` at ${showPlace(log, step)}`}`,
    mark: 'the loss jumps here',
    causes: [
      {
        words: 'The first steps are taken at full size',
        verdict: 'fits',
        because: rate ? `the rate begins at ${show(rate.values[0] ?? Number.NaN)}` : 'the rate is not logged, the jump is early',
      },
    ],
    remedies: [{ words: 'Warm up for a tenth of the run', setting: `warmup_steps=${tenth}` }, slower],
  };
};

export const lengthGrows: Tell = (log, step) => {
  const length = seriesOf(log, 'completion_length');
  return {
    headline: `Responses grow${from(log, step)}${length ? `: from ${show(length.early)} to ${show(length.late)} tokens` : ''}`,
    mark: 'they grow from here',
    causes: [
      pairsTell('Longer answers are preferred'),
      seriesOf(log, 'reward')
        ? unsaid('The loss divides by each answer’s own length', 'the loss type is not logged')
        : unsaid('Sums of log-probs reward length', 'the loss is not named in a log'),
    ],
    remedies: [
      { words: 'Divide by a constant (groups)', setting: 'loss_type="dr_grpo"', holds: 'GRPOConfig' },
      { words: 'Normalise by length (pairs)', setting: 'loss_type=["sigmoid_norm"]', see: { view: 'objectives', run: {} } },
    ],
  };
};

export const klNegative: Tell = (log, step) => {
  const kl = seriesOf(log, 'kl')?.values ?? [];
  const [below, above] = [kl.filter((value) => value < 0).length, kl.filter((value) => value > 0).length];
  return {
    headline: `The KL is negative in ${below} of ${kl.length} rows${from(log, step)}`,
    mark: 'first below 0 here',
    causes: [
      above > below
        ? { words: 'Chance: an estimate from samples', verdict: 'fits', because: `above 0 in ${above} rows` }
        : { words: 'Chance: an estimate from samples', verdict: 'no', because: `above 0 in ${above} rows only` },
      unsaid('Answers were not sampled from the present policy'),
      unsaid('Sampler and trainer disagree on log-probs'),
    ],
    remedies: [{ words: 'Sample from the policy as it is', setting: 'temperature=1.0, top_p=1.0, top_k=0', holds: 'GRPOConfig' }],
  };
};

const lossIsZero = (log: LogFacts): boolean => {
  const loss = seriesOf(log, 'loss');
  return loss !== null && isMostlyZero(loss);
};

export const grpoZeroLoss: Tell = (log, step) => ({
  headline: lossIsZero(log)
    ? `The loss is next to 0${from(log, step)}, which by itself is usual with GRPO`
    : `The loss starts next to 0, which by itself is usual with GRPO`,
  mark: lossIsZero(log) ? 'loss next to 0 from here' : 'loss next to 0 here',
  causes: [
    {
      words: 'Advantages of a group add up to 0',
      verdict: 'fits',
      because: seriesOf(log, 'grad_norm')
        ? `grad_norm is ${show(seriesOf(log, 'grad_norm')?.late ?? Number.NaN)}`
        : 'the loss starts at β × KL',
    },
  ],
  remedies: [{ words: 'Watch reward, KL and length instead', see: { view: 'objectives', run: {} } }],
});
