import { logSoftmax } from '../../core/softmax.ts';
import { defineStudy } from '../study.ts';
import { untrained } from '../toys/modes/bandit.ts';
import {
  type Draw,
  drawsOf,
  equalPair,
  equalStart,
  firstSteps,
  hiddenByRounding,
  likelierFirst,
  oneStep,
  randomLaw,
  shareOf,
} from '../toys/modes/two-outcomes.ts';
import { at, uniformOf, worst } from '../toys/vectors.ts';

interface Truth {
  readonly any: readonly Draw[];
  readonly start: readonly Draw[];
  readonly target: readonly Draw[];
  readonly low: readonly Draw[];
}

export const study = defineStudy<Truth>()({
  id: '37-first-step',
  finding: 'Forward and reverse KL begin differently',
  mechanism:
    'Forward KL moves a logit by a difference of probabilities, reverse KL by a log-ratio that is weighed by what the policy has already: so it moves mass mostly among what is likely now.',
  setup:
    '64 starts p and targets q over five outcomes a seed, logits from N(0, 1.2²), one step of 0.5 on either divergence: any; the first two outcomes equally likely in p; equally likely in q; and equally likely in q, which before it is normalised gives both e^0.5 to e³ times less than p gives the rarer of them.',
  leavesOut: 'The theorem was not seen in print. These are exact conditions for free logits and one step.',
  tex: String.raw`\Delta^{f}=\eta\,[(q_a-p_a)-(q_b-p_b)],\qquad\Delta^{r}=\eta\,\big[p_a(\log\tfrac{q_a}{p_a}+K)-p_b(\log\tfrac{q_b}{p_b}+K)\big],\quad K=\mathrm{KL}(p\,\|\,q)`,
  provenance: 'our reading',
  parameters: {},
  toy: (seed) => {
    const truth: Truth = {
      any: drawsOf(seed, (random) => ({ p: randomLaw(random), q: randomLaw(random) })),
      start: drawsOf(seed, equalStart),
      target: drawsOf(seed, (random) => ({ p: likelierFirst(randomLaw(random)), q: equalPair(random) })),
      low: drawsOf(seed, (random) => {
        const p = likelierFirst(randomLaw(random));
        const low = at(p, 1) - uniformOf(random, 0.5, 3);
        return { p, q: logSoftmax([low, low, ...p.slice(2)]) };
      }),
    };
    return {
      // what the page shows of the toy: one start
      experiment: untrained(at(truth.any, 0).p),
      truth,
    };
  },
  arms: {
    any: { label: 'Any start and target', train: ({ truth }) => oneStep(truth.any) },
    start: { label: 'Equal start', train: ({ truth }) => oneStep(truth.start) },
    target: { label: 'Equal target', train: ({ truth }) => oneStep(truth.target) },
    low: { label: 'Equal target, both too likely', train: ({ truth }) => oneStep(truth.low) },
  },
  measures: {
    error: {
      label: 'largest difference of formula and engine over the draws',
      arms: ['any'],
      of: (run) =>
        worst(firstSteps(run, run.truth.any).flatMap(({ forward, reverse, exact }) => [forward - exact.forward, reverse - exact.reverse])),
    },
    agree: {
      label: 'share of the draws in which the condition and the engine agree',
      arms: ['start'],
      of: (run) =>
        shareOf(
          firstSteps(run, run.truth.start),
          () => true,
          (gap, { p, logarithmicMean }) => gap > 0 === p[0] > logarithmicMean,
        ),
    },
    ahead: {
      label: 'share of the draws within the condition in which reverse KL favours the outcome that is ahead more',
      arms: ['target'],
      of: (run) =>
        shareOf(
          firstSteps(run, run.truth.target),
          ({ p, q, divergence }) => q[0] > p[0] * Math.exp(-divergence),
          (gap) => gap > 0,
        ),
    },
    cut: {
      label: 'share of the draws within the condition in which reverse KL favours the outcome that is ahead less',
      arms: ['low'],
      of: (run) =>
        shareOf(
          firstSteps(run, run.truth.low),
          ({ p, q, divergence }) => q[0] < p[1] * Math.exp(-divergence),
          (gap) => gap < 0,
        ),
    },
  },
  plot: { kind: 'strip', y: 'agree', arms: ['start'] },
  claims: [
    {
      id: 'first-step-exact',
      statement:
        'One step on forward KL moves a log-ratio by differences of probabilities; one on reverse KL by log(q/p) + KL(p ‖ q), each weighed by what the policy has already.',
      where: 'about Theorem 6.5, exact for free logits',
      kind: 'identity',
      refutedBy: 'a difference beyond rounding in one seed',
      left: ['any', 'error'],
      by: 'each',
      bound: { atMost: { cpu: 1e-13, webgpu: hiddenByRounding } },
      because: 'rounding of log-probabilities below 16, divided by the step',
      expected: 'holds',
    },
    {
      id: 'equal-start',
      statement:
        'Of two outcomes that are equally likely now, one step of reverse KL favours the one that is likelier in the target more than one of forward KL at the same rate, exactly where their present probability is above the logarithmic mean of both targets.',
      where: 'about Theorem 6.5, equal start',
      kind: 'identity',
      refutedBy: 'one draw of one seed in which they disagree',
      tex: String.raw`p_a=p_b=p:\quad\Delta^{r}>\Delta^{f}\iff p>\frac{q_a-q_b}{\ln q_a-\ln q_b};\qquad\Delta=\log\tfrac{\pi_1(a)}{\pi_0(a)}-\log\tfrac{\pi_1(b)}{\pi_0(b)}`,
      left: ['start', 'agree'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'the condition decides every case that is not too close to call',
      expected: 'holds',
    },
    {
      id: 'rich-get-richer',
      statement:
        'Of two outcomes that are equally likely in the target, and likelier there than now, one step of reverse KL favours the one that is ahead now more than one of forward KL at the same rate.',
      where: 'about Theorem 6.5, equal target',
      kind: 'identity',
      refutedBy: 'one draw within the condition in which it does not',
      tex: String.raw`q_a=q_b=q,\ p_a>p_b,\ q>p_a e^{-K}\ \Rightarrow\ \Delta^{r}>\Delta^{f}`,
      left: ['target', 'ahead'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'the condition decides every case that is not too close to call',
      expected: 'holds',
    },
    {
      id: 'both-too-likely',
      statement:
        'Of two outcomes that are equally likely in the target, and much likelier now, one step of reverse KL cuts the lead of one over the other more than one of forward KL at the same rate.',
      where: 'about Theorem 6.5, equal target',
      kind: 'identity',
      refutedBy: 'one draw within the condition in which it does not',
      tex: String.raw`q_a=q_b=q,\ p_a>p_b,\ q<p_b e^{-K}\ \Rightarrow\ \Delta^{r}<\Delta^{f}`,
      left: ['low', 'cut'],
      by: 'each',
      bound: { atLeast: 1 },
      because: 'the condition decides every case that is not too close to call',
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 3 },
});
