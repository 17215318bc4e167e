import { defineStudy, type Values } from '../study.ts';
import { type Denoiser, noiseIn, pretrained } from '../toys/diffusion/denoiser.ts';
import { type Noised, type NoisedPair, noisedPairs, trainDenoiser } from '../toys/diffusion/preferences.ts';
import { evenModes, isRight, rightWins, sampled } from '../toys/diffusion/right-wins.ts';
import { inverted } from '../toys/diffusion/samplers.ts';
import { cleaned, levels } from '../toys/diffusion/schedule.ts';
import { Draws } from '../toys/draws.ts';

interface Truth {
  readonly reference: Denoiser;
  /** the same couples under noise that is drawn, and under the noise that inversion finds */
  readonly drawn: NoisedPair[];
  readonly found: NoisedPair[];
}

/** The number at a level by inversion of the reference, and the noise that would have taken it there at once. */
function invertedAt(reference: Denoiser, x: number, level: number): Noised {
  const latent = inverted((at, t) => noiseIn(reference, at, t), x, level);
  // x_t = √ᾱ x_0 + √(1 - ᾱ) ε, solved for ε: `cleaned` is linear in the noise
  const [none, one] = [cleaned(latent, 0, level), cleaned(latent, 1, level)];
  return { x: latent, noise: (x - none) / (one - none) };
}

const train =
  (which: 'drawn' | 'found', updates: 'steps' | 'early') =>
  ({ truth, values: { beta = 8, ...values } }: { truth: Truth; values: Values }) =>
    trainDenoiser(truth.reference, truth[which], { objective: { name: 'dpo', params: { beta } }, steps: values[updates] ?? 0 });

export const study = defineStudy<Truth>()({
  id: '24-inversion',
  finding: 'Inverted noise saves no updates on a line',
  mechanism:
    'Instead of noise that is drawn, inversion of the sampler finds the noise that belongs to a sample, and the loss compares errors there. On a line, drawn noise says as much.',
  setup:
    'Numbers in two modes at -1.5 and 1.5, twelve noise levels; 1440 pairs; the right mode wins 80 % of those that differ in mode. Diffusion-DPO with drawn noise or with noise by DDIM inversion of the reference, for one update at each level and for twenty.',
  headline: 'State of the art after 400 steps of fine-tuning.',
  leavesOut:
    'One number in place of an image: its noise has one dimension, an image’s has many. The released code inverts by the model that is being trained, with a little fresh noise, η = 0.1; the toy by the reference, once and with none.',
  tex: '-\\log\\sigma\\Big(-\\tfrac{\\beta}{2}\\big[\\|\\hat\\epsilon_w-\\epsilon_\\theta(z_w)\\|^2-\\|\\hat\\epsilon_w-\\epsilon_{\\mathrm{ref}}(z_w)\\|^2-(l)\\big]\\Big),\\quad z,\\hat\\epsilon\\text{ by inversion}',
  parameters: {
    wins: { label: 'How often the right mode wins', symbol: 'p', min: 0.5, max: 1, default: 0.8 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.5, max: 50, default: 8 },
    steps: { label: 'Updates, many', symbol: 't', min: 1, max: 200, default: 20, integer: true },
    early: { label: 'Updates, few', symbol: 't_0', min: 1, max: 200, default: 1, integer: true },
  },
  toy: (seed, { wins, beta, steps }) => {
    const draws = new Draws(seed);
    const couples = rightWins(draws, wins);
    const reference = pretrained(evenModes);
    const truth: Truth = {
      reference,
      drawn: noisedPairs(draws, couples),
      found: couples.map(([chosen, rejected], i) => ({
        level: i % levels,
        chosen: invertedAt(reference, chosen, i % levels),
        rejected: invertedAt(reference, rejected, i % levels),
      })),
    };
    const [experiment] = trainDenoiser(reference, truth.drawn, { objective: { name: 'dpo', params: { beta } }, steps });
    if (!experiment) throw new RangeError('A denoiser has levels.');
    return { experiment, truth };
  },
  arms: {
    drawnFew: { label: 'Drawn noise, few updates', train: train('drawn', 'early') },
    foundFew: { label: 'Inverted noise, few updates', train: train('found', 'early') },
    drawn: { label: 'Drawn noise', train: train('drawn', 'steps') },
    found: { label: 'Inverted noise', train: train('found', 'steps') },
  },
  measures: { right: { label: 'samples in the preferred mode', of: sampled(isRight) } },
  plot: { kind: 'law', y: 'right', over: 'steps', at: [1, 2, 3, 5, 10, 20], arms: ['drawn', 'found'] },
  claims: [
    {
      id: 'works-as-well',
      statement:
        'With noise by inversion, on average at least 70 % of the samples end in the preferred mode, where half of the reference’s are.',
      where: 'preferences on inverted latents',
      kind: 'toy',
      refutedBy: 'a smaller mean share',
      left: ['found', 'right'],
      by: 'mean',
      bound: { atLeast: 0.7 },
      because: 'two thirds of the way from a half to the 80 % that the right mode wins',
      expected: 'holds',
    },
    {
      id: 'not-yet-there',
      statement:
        'After one update at each level, drawn noise has on average put at most 72 % of the samples in the preferred mode: much of what it will gain is still to come.',
      where: 'where efficiency is measured',
      kind: 'toy',
      refutedBy: 'a larger mean share',
      left: ['drawnFew', 'right'],
      by: 'mean',
      bound: { atMost: 0.72 },
      because: 'seven tenths of the way from a half to what twenty updates give, 82 %',
      expected: 'holds',
    },
    {
      id: 'sooner',
      statement:
        'After one update at each level, noise by inversion has on average put at least 0.02 more of the samples in the preferred mode than drawn noise.',
      where: 'efficiency of fine-tuning',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['foundFew', 'right'],
      right: ['drawnFew', 'right'],
      by: 'mean',
      bound: { atLeast: 0.02 },
      because: 'twenty of the 1000 samples, a ninth of what one update gives',
      expected: 'does not hold',
      instead:
        'On a line, noise that is drawn and noise that inversion finds teach as fast: their shares differ by less than 0.01 after one update, after two and after three.',
    },
    {
      id: 'in-the-end',
      statement:
        'After all updates, noise by inversion has on average put at least 0.05 more of the samples in the preferred mode than drawn noise.',
      where: 'quality after fine-tuning',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['found', 'right'],
      right: ['drawn', 'right'],
      by: 'mean',
      bound: { atLeast: 0.05 },
      because: 'fifty of the 1000 samples',
      expected: 'does not hold',
      instead: 'Both end at about the same share.',
    },
  ],
  seeds: { page: 12, test: 3 },
});
