import type { ObjectiveChoice } from '../../core/experiment.ts';
import { defineStudy, type Stage } from '../study.ts';
import { type Denoiser, dimensions, drawFrom, noiseIn, pretrained, twoModes } from '../toys/diffusion/denoiser.ts';
import { type Noised, noisedPairs, trainDenoiser, trainedDenoiser } from '../toys/diffusion/preferences.ts';
import { isInMode, isRight, sampled } from '../toys/diffusion/right-wins.ts';
import { samplesOf } from '../toys/diffusion/samplers.ts';
import { levels } from '../toys/diffusion/schedule.ts';
import { Draws } from '../toys/draws.ts';
import { handedOn, handOn } from '../toys/rounds/handed-on.ts';

const [rounds, pairs] = [6, 480];
/** What is done with the winners: they are denoised, or stand against a checkpoint's samples whose sign stays, or turns. */
type Loss = 'denoised' | 'against' | 'turned';
interface Method {
  readonly loss: Loss;
  /** whose samples: of the last checkpoint, or of any so far */
  readonly checkpoint: 'last' | 'any';
}
interface Truth {
  readonly reference: Denoiser;
}

/** log π of a noised number under a denoiser, as the engine has it. */
const logpOf = (denoiser: Denoiser, { x, noise }: Noised, level: number): number =>
  -((noise - noiseIn(denoiser, x, level)) ** 2) / 2 - Math.log(2 * Math.PI) / 2;

const losses: Readonly<Record<Loss, (beta: number) => ObjectiveChoice>> = {
  denoised: () => ({ name: 'sft' }),
  // the checkpoint's log-probs stand where rewards do
  against: (beta) => ({ expression: '-logsigmoid(beta * ((logp_w - reward_w) - (logp_l - reward_l)))', params: { beta } }),
  // whoever denoises the winner as well as its checkpoint, up to rounding, has the checkpoint's sample for a loser
  turned: (beta) => ({
    expression: '-logsigmoid(beta * ((logp_w - reward_w) - where(logp_w >= reward_w - 1e-4, 1, -1) * (logp_l - reward_l)))',
    params: { beta },
  }),
};

const rowsOf = (flat: readonly number[]): number[][] =>
  Array.from({ length: levels }, (_, level) => flat.slice(level * dimensions, (level + 1) * dimensions));

/** A round: winners against samples of a checkpoint, the last one or any of those so far, which are handed on. */
const round =
  (method: Method, index: number): Stage<Truth> =>
  ({ truth: { reference }, seed, values: { right = 0.85, beta = 8, steps = 0 } }, before) => {
    const draws = new Draws(seed, 2 + index);
    const present = before.length > 0 ? trainedDenoiser(before) : reference;
    const size = levels * dimensions;
    const checkpoints = [...handedOn(before[levels]), ...present.flat()];
    const chosen = method.checkpoint === 'any' ? draws.below(index + 1) : index;
    const checkpoint = rowsOf(checkpoints.slice(chosen * size, (chosen + 1) * size));
    const winners = Array.from({ length: pairs }, () => drawFrom(draws, twoModes(right)));
    const own = samplesOf(draws, checkpoint, pairs);
    const noisy = noisedPairs(
      draws,
      winners.map((winner, i) => [winner, own[i] ?? 0]),
    ).map((pair) => ({
      ...pair,
      rewards: [logpOf(checkpoint, pair.chosen, pair.level), logpOf(checkpoint, pair.rejected, pair.level)] as [number, number],
    }));
    return [
      ...trainDenoiser(present, noisy, { objective: losses[method.loss](beta), steps: Math.ceil(steps / rounds) }),
      handOn(checkpoints),
    ];
  };
const arm = (label: string, loss: Loss, checkpoint: Method['checkpoint']) => ({
  label,
  train: round({ loss, checkpoint }, 0),
  next: Array.from({ length: rounds - 1 }, (_, i) => round({ loss, checkpoint }, i + 1)),
});

export const study = defineStudy<Truth>()({
  id: '64-own-checkpoints',
  finding: 'Turning the sign can lose to plain imitation',
  mechanism:
    'With winners alone, an earlier checkpoint’s samples stand in for losers. If that checkpoint denoises a winner better than the model does, the sign of its sample turns, and the model is drawn towards it.',
  setup:
    'Numbers in two modes; the reference draws 35 % to the right, winners are 85 % to the right. Six rounds of 480 winners, each with a sample of a checkpoint, the last or any so far, and with signs that turn or stay, each with each; 60 updates in all.',
  headline: 'PickScore 21.57, and 20.88 without turning the sign, as a second source reports it.',
  leavesOut:
    'One number in place of an image. The loss was seen in a review that quotes it, not in the paper; weights over time are left out.',
  tex: '-\\log\\sigma\\big(-\\beta T\\omega_t[\\Delta_w-s\\,\\Delta_{\\mathrm{ref}}]\\big),\\quad s=\\begin{cases}1&\\theta\\text{ beats the checkpoint on }x_w\\\\-1&\\text{else}\\end{cases}',
  parameters: {
    base: { label: 'Reference’s samples in the right mode', symbol: 'q', min: 0.05, max: 0.95, default: 0.35 },
    right: { label: 'Winners in the right mode', symbol: 'p', min: 0.5, max: 1, default: 0.85 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.5, max: 50, default: 8 },
    steps: { label: 'Updates', symbol: 't', min: 6, max: 300, default: 60, integer: true },
  },
  toy: (seed, { base }) => {
    const draws = new Draws(seed);
    const reference = pretrained(twoModes(base));
    const couples = Array.from({ length: levels }, () => [drawFrom(draws, twoModes(base)), drawFrom(draws, twoModes(base))] as const);
    const [experiment] = trainDenoiser(reference, noisedPairs(draws, couples), { objective: { name: 'sft' }, steps: 0 });
    if (!experiment) throw new RangeError('A denoiser has levels.');
    return { experiment, truth: { reference } };
  },
  arms: {
    seppo: arm('SePPO: any checkpoint, turned signs', 'turned', 'any'),
    turned: arm('The last checkpoint, turned signs', 'turned', 'last'),
    older: arm('Any checkpoint, signs that stay', 'against', 'any'),
    spin: arm('The last checkpoint, signs that stay', 'against', 'last'),
    winners: arm('Denoising the winners', 'denoised', 'last'),
  },
  measures: {
    right: { label: 'samples in the preferred mode', of: sampled(isRight) },
    inModes: { label: 'samples in a mode', of: sampled(isInMode) },
  },
  plot: { kind: 'strip', y: 'right', arms: ['seppo', 'turned', 'spin', 'winners'] },
  claims: [
    {
      id: 'than-imitation',
      statement: 'SePPO draws on average at least as much from the preferred mode as a model that only denoises the winners.',
      where: 'against supervised training',
      kind: 'empirical',
      refutedBy: 'a lower mean share',
      left: ['seppo', 'right'],
      right: ['winners', 'right'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead: 'Here SePPO stays far below the 85 % of the winners, which plain imitation nearly reaches.',
    },
    {
      id: 'turning-helps',
      statement:
        'Turned signs draw on average at least as much from the preferred mode as signs that stay, with samples of any checkpoint and with samples of the last one.',
      where: 'turning the sign',
      kind: 'empirical',
      refutedBy: 'a lower mean share',
      left: ['seppo', 'right'],
      right: ['older', 'right'],
      and: [{ left: ['turned', 'right'], right: ['spin', 'right'] }],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead: 'Turning costs about 0.17 of the share with samples of any checkpoint, and 0.07 with those of the last one.',
    },
    {
      id: 'any-checkpoint',
      statement: 'With turned signs, samples of any earlier checkpoint do on average at least as well as those of the last one.',
      where: 'which checkpoint',
      kind: 'toy',
      refutedBy: 'a lower mean share',
      left: ['seppo', 'right'],
      right: ['turned', 'right'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'They cost about 0.14 of the share, where signs that stay lose about 0.03 by them. An older checkpoint’s samples, to which a turned sign draws, are less often in the preferred mode.',
    },
    {
      id: 'stays-in-modes',
      statement:
        'SePPO keeps on average at least 0.02 more of its samples in one of the modes than a model whose loser is always the last checkpoint’s sample, with the sign as it is.',
      where: 'what turned signs could be good for',
      kind: 'toy',
      refutedBy: 'a smaller mean gain',
      left: ['seppo', 'inModes'],
      right: ['spin', 'inModes'],
      by: 'mean',
      bound: { atLeast: 0.02 },
      because: 'twenty of the 1000 samples',
      expected: 'does not hold',
      instead: 'Both leave all but about a hundredth of their samples in a mode.',
    },
  ],
  seeds: { page: 10, test: 3 },
});
