import { expectedReward } from '../../core/exact.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [images, details, count] = [30, 6, 300];

interface Truth {
  readonly rewards: number[];
  /** [image] a noisy description */
  readonly captions: number[][];
  readonly compared: readonly (readonly [chosen: number, rejected: number])[];
}

/**
 * Logits of an image linear in the caption, [1, caption]; both images of a pair may be told by captions of their own: a first token, masked
 * out, chooses which.
 */
function experimentOf({ compared }: Truth, captionOf: (image: number) => readonly number[], beta: number): Experiment {
  return {
    policy: {
      kind: 'sequence',
      form: 'features',
      prefixes: compared.flatMap(([chosen, rejected], prompt) => [
        { prompt, tokens: [], hidden: new Array<number>(1 + details).fill(0) },
        { prompt, tokens: [0], hidden: [1, ...captionOf(chosen)] },
        { prompt, tokens: [1], hidden: [1, ...captionOf(rejected)] },
      ]),
      unembedding: Array.from({ length: images }, () => new Array<number>(1 + details).fill(0)),
      train: 'unembedding',
    },
    pairs: compared.map(
      ([chosen, rejected], prompt): Pair => ({
        ...{ prompt, chosen: [0, chosen], rejected: [1, rejected] },
        ...{ chosenMask: [0, 1], rejectedMask: [0, 1] },
      }),
    ),
    objective: { name: 'dpo', params: { beta } },
    optimizer: { kind: 'adam', learningRate: 0.1, steps: 75 },
  };
}

/** Reward under a caption that says nothing. */
function reward({ truth: { rewards }, trial }: Run<Truth>): number {
  const table = Array.from(trial.final['unembedding'] ?? []);
  return expectedReward(logSoftmax(rewards.map((_, y) => table[y * (1 + details)] ?? Number.NaN)), rewards);
}

/** [caption][image] log-probabilities under each image's caption. */
function underCaptions({ truth: { captions }, trial }: Run<Truth>): number[][] {
  const table = Array.from(trial.final['unembedding'] ?? []);
  return captions.map((caption) =>
    logSoftmax(
      captions.map((_, y) => [1, ...caption].reduce((sum, part, k) => sum + part * (table[y * (1 + details) + k] ?? Number.NaN), 0)),
    ),
  );
}
/** Mean log-probability of an image under its own caption. */
const told = (run: Run<Truth>): number => mean(underCaptions(run).map((row, y) => row[y] ?? Number.NaN));
/** Reward under a caption of any image. */
const asked = (run: Run<Truth>): number => mean(underCaptions(run).map((row) => expectedReward(row, run.truth.rewards)));

export const study = defineStudy<Truth>()({
  id: '53-two-captions',
  finding: 'Captions of their own can explain preferences away',
  mechanism:
    'If each image of a pair comes with its own caption, a model can raise the preferred one by what its caption says, and need not learn that it is better. Under a caption that says nothing, about a third of the reward is then left in this toy; under the images’ own captions about half.',
  setup:
    '30 images with six details; a caption tells the details with errors of deviation 0.3. 300 comparisons by a quality that no caption tells. Logits are linear in the caption; 75 updates of DPO with a caption of its own for each image, or with one for both that says nothing.',
  headline: 'Gains over SD 2.1, SFT, Diffusion-DPO and MaPO.',
  leavesOut:
    'How well an image fits its caption plays no part in what is preferred here. In the paper the prompt that both images share fits them too much alike, and captions of their own, also perturbed ones, are to sharpen the signal; the toy only describes each image, and what both share says nothing.',
  tex: '-\\log\\sigma\\Big(\\beta\\log\\frac{\\pi_\\theta(x_w\\mid c_w)}{\\pi_{\\mathrm{ref}}(x_w\\mid c_w)}-\\beta\\log\\frac{\\pi_\\theta(x_l\\mid c_l)}{\\pi_{\\mathrm{ref}}(x_l\\mid c_l)}\\Big)',
  parameters: {
    noise: { label: 'Deviation of the captions’ errors', symbol: 's', min: 0, max: 2, default: 0.3 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 2, default: 0.3 },
  },
  toy: (seed, { noise, beta }) => {
    const draws = new Draws(seed);
    const rewards = draws.normals(images);
    const compared = Array.from({ length: count }, () => {
      const [a, b] = draws.two(images);
      return draws.prefers(0.5 * ((rewards[a] ?? 0) - (rewards[b] ?? 0))) ? ([a, b] as const) : ([b, a] as const);
    });
    const captions = draws.normalRows(images, details).map((row) => row.map((value) => value + noise * draws.normal()));
    const truth: Truth = { rewards, captions, compared };
    return { experiment: experimentOf(truth, () => new Array<number>(details).fill(0), beta), truth };
  },
  arms: {
    single: { label: 'One caption for both', train: ({ experiment }) => experiment },
    dual: {
      label: 'A caption for each',
      train: ({ truth, values: { beta = 0.3 } }) => experimentOf(truth, (image) => truth.captions[image] ?? [], beta),
    },
  },
  measures: {
    reward: { label: 'reward under a caption that says nothing', of: reward },
    asked: { label: 'reward under the captions of all images', of: asked },
    told: { label: 'log π of images under their captions', of: told },
  },
  plot: { kind: 'strip', y: 'reward' },
  claims: [
    {
      id: 'generic-caption',
      statement:
        'Trained with a caption for each image, the model is on average rewarded no less under a caption that says nothing than a model trained with that one alone.',
      where: 'two captions for each pair',
      kind: 'toy',
      refutedBy: 'a lower mean reward',
      left: ['dual', 'reward'],
      right: ['single', 'reward'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'What captions say of the images takes much of the preference: about a third of the reward is left, and under the captions of all images about half.',
    },
    {
      id: 'own-caption',
      statement:
        'Trained with a caption for each image, the model gives images a log-probability under their own captions that is on average at least 0.3 nats higher than with one caption for both.',
      where: 'what is learned of the captions',
      kind: 'toy',
      refutedBy: 'a smaller mean gain',
      left: ['dual', 'told'],
      right: ['single', 'told'],
      by: 'mean',
      bound: { atLeast: 0.3 },
      because: 'a third more of their probability: e^0.3 = 1.35',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 3 },
});
