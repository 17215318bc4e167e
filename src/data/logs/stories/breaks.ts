import { largestOf } from '../../../core/extremes.ts';
import { isBroken } from '../readings/nan.ts';
import { type LogFacts, seriesOf, show, showPlace } from '../readings/series.ts';
import { type Cause, epochs, from, oneEpoch, pairsTell, rate, slower, type Tell, toy, unsaid } from './story.ts';

const ignoresRate = 1e-8;

function noGradient(log: LogFacts): Cause {
  const words = 'No gradient reaches the weights';
  const norm = seriesOf(log, 'grad_norm');
  if (!norm) return unsaid(words, 'grad_norm is not logged');
  const largest = largestOf(norm.values);
  return largest === 0
    ? { words, verdict: 'fits', because: 'grad_norm is 0 in all rows' }
    : { words, verdict: 'no', because: `grad_norm is up to ${show(largest)}` };
}

function zeroRate(log: LogFacts): Cause {
  const words = 'The learning rate is next to 0';
  const series = seriesOf(log, 'learning_rate');
  if (!series) return unsaid(words, 'the rate is not logged');
  const top = largestOf(series.values);
  return { words, verdict: top < ignoresRate ? 'fits' : 'no', because: `it is ${show(top)} at most` };
}

function samePolicy(log: LogFacts): Cause {
  const words = 'Policy and reference are one model';
  const known = ['rewards/chosen', 'rewards/rejected'].some((name) => seriesOf(log, name));
  return known ? { words, verdict: 'fits', because: 'the rewards are 0' } : unsaid(words, 'rewards are not logged');
}

export const stuckAtLn2: Tell = (log) => ({
  headline: 'The loss stays at ln 2, as if nothing were trained',
  mark: 'ln 2 from here',
  causes: [samePolicy(log), noGradient(log), zeroRate(log)],
  remedies: [
    { words: 'Print what is trained', setting: 'model.print_trainable_parameters()', holds: 'PEFT' },
    { words: 'With an adapter, give no reference', setting: 'ref_model=None' },
  ],
});

function exploded(log: LogFacts, step: number | undefined): Cause {
  const words = 'The gradient exploded just before';
  const norm = seriesOf(log, 'grad_norm');
  if (!norm) return unsaid(words, 'grad_norm is not logged');
  const before = norm.values.filter((_, i) => (norm.steps[i] ?? 0) < (step ?? Number.POSITIVE_INFINITY));
  const last = before.at(-1);
  const usual = [...before].sort((a, b) => a - b)[before.length >> 1];
  if (last === undefined || usual === undefined || before.length < 3) return unsaid(words, 'too few rows before');
  return last > 10 * usual
    ? { words, verdict: 'fits', because: `grad_norm ${show(last)}, usually ${show(usual)}` }
    : { words, verdict: 'no', because: `grad_norm ${show(last)}, usually ${show(usual)}` };
}

export const nan: Tell = (log, step) => ({
  headline: isBroken(log)
    ? `The run breaks${from(log, step)}: its numbers are not finite`
    : `Single numbers are not finite${step === undefined ? '' : `, first at ${showPlace(log, step)}`}; the run goes on`,
  mark: isBroken(log) ? 'not finite from here' : 'not finite here',
  causes: [
    exploded(log, step),
    unsaid('float16 overflowed', 'the number type is not logged'),
    pairsTell('A response is empty, or cut to nothing'),
  ],
  remedies: [{ words: 'Train in bfloat16', setting: 'bf16=True' }, { words: 'Clip the gradient', setting: 'max_grad_norm=1.0' }, slower],
});

const target = { words: 'Give the gap a target', setting: 'loss_type=["ipo"]', see: toy({ objective: 'ipo', lr: '0.02' }) };
const smoothing = {
  words: 'Allow for wrong labels',
  setting: 'loss_type=["robust"], label_smoothing=0.1',
  see: toy({ objective: 'robust', 'p.labelSmoothing': '0.1' }),
};

export const marginsExplode: Tell = (log, step) => ({
  headline: `The margin runs away${from(log, step)}: ${show(seriesOf(log, 'rewards/margins')?.late ?? Number.NaN)} at the end`,
  mark: 'margin above 10 from here',
  causes: [epochs(log), rate(log), pairsTell('One token tells the answers apart')],
  remedies: [target, slower, oneEpoch],
});

export const saturated: Tell = (log, step) => ({
  headline: `Nearly all training pairs have a margin above 0${from(log, step)}, and it grows on`,
  mark: 'accuracy full from here',
  causes: [epochs(log), pairsTell('Something easy tells the answers apart')],
  remedies: [oneEpoch, target, smoothing],
});

export const evalTrainApart: Tell = (log, step) => ({
  headline: `Evaluation and training part${from(log, step)}`,
  mark: 'they part here',
  causes: [epochs(log), pairsTell('The training pairs are few, or alike'), unsaid('Held-out pairs are of another kind')],
  remedies: [{ words: 'Keep the best evaluation', setting: 'load_best_model_at_end=True' }, oneEpoch, slower],
});
