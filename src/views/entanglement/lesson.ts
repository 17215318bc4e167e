import { fixed, nats } from '../../shell/controls/format.ts';
import type { Lesson, LessonStep, Prediction } from '../../shell/teach/lesson.ts';
import type { EntanglementLab } from './entanglement.svelte.ts';
import { defaultSuffix, entanglingLength, type SuffixSettings, suffixPresets } from './entanglement-settings.ts';

/** Changes of both log-probabilities from the start to the end of the run, in nats; null before it is over. */
function changes(lab: EntanglementLab): { readonly chosen: number; readonly rejected: number } | null {
  const [first, last] = [lab.steps[0]?.record, lab.steps.at(-1)?.record];
  if (lab.status !== 'finished' || !first || !last) return null;
  return {
    chosen: (last.chosenLogps[0] ?? Number.NaN) - (first.chosenLogps[0] ?? Number.NaN),
    rejected: (last.rejectedLogps[0] ?? Number.NaN) - (first.rejectedLogps[0] ?? Number.NaN),
  };
}

const stage =
  (change: Partial<SuffixSettings>) =>
  (lab: EntanglementLab): void => {
    lab.change({ ...defaultSuffix, ...change });
    lab.reset();
  };

const moves: Prediction<EntanglementLab> = {
  question: 'What will the two answers do?',
  options: ['they move apart', 'both fall', 'both rise'],
  outcome: (lab) => {
    const change = changes(lab);
    if (!change) return null;
    if (change.chosen > 0 && change.rejected < 0) return 0;
    return change.chosen < 0 ? 1 : 2;
  },
  told: (lab) => {
    const change = changes(lab);
    if (!change) return [];
    const word = (nat: number): string => `${nat < 0 ? 'fell' : 'rose'} by ${nats(Math.abs(nat))}`;
    return [`The chosen answer ${word(change.chosen)}, the rejected one ${word(change.rejected)}.`];
  },
  conceals: ['e-cases', 'e-moments', 'e-plane', 'e-interval', 'e-measure'],
};

const shortest = (settings: SuffixSettings): number => Math.floor(entanglingLength(settings) ?? Number.NaN) + 1;

const steps: readonly LessonStep<EntanglementLab>[] = [
  {
    title: 'One token',
    begin: stage(suffixPresets[0]?.change ?? {}),
    part: 'e-settings',
    words: () => ['Two answers of one token each. DPO pulls the chosen one up and pushes the rejected one down.'],
    predict: moves,
  },
  {
    title: 'A shared ending',
    begin: stage({}),
    part: 'e-settings',
    words: ({ settings }) => [
      `Now both answers go on with the same ${settings.suffix} tokens, as real answers often do: each has probability ` +
        `${settings.afterChosen} after the chosen beginning and ${settings.afterRejected} after the rejected one.`,
    ],
    predict: moves,
  },
  {
    title: 'How long is too long?',
    begin: (entanglement) => entanglement.reset(),
    part: 'e-settings',
    uses: ['e-settings', 'e-suffix'],
    words: ({ settings, moment }) => [
      `Each shared token pulls the chosen answer along when the rejected one is pushed down. With ${settings.suffix} shared tokens the inner product of ` +
        `the gradients is ${fixed(moment?.diagnosis.innerProduct ?? Number.NaN, 2)}, against ‖g_w‖² = ${fixed(moment?.diagnosis.chosenGradNormSq ?? Number.NaN, 2)}: a small step towards a wider margin lowers the chosen answer ` +
        'where the first is above the second.',
    ],
    task: () => ['Set the number of shared tokens to the smallest at which the first update lowers both answers.'],
    done: ({ settings, moment }) => settings.suffix === shortest(settings) && moment?.step === 0 && moment.case === 'both-down',
  },
  {
    title: 'A remedy',
    begin: stage({ update: 'normalised', learningRate: 0.05 }),
    part: 'e-settings',
    words: () => [
      'The eight shared tokens of before, and another update: either gradient is divided by its own length first, so that the longer one, with these eight that of the rejected answer, does not outweigh the other. Where the chosen one is the longer, nothing is to be remedied for it.',
    ],
    predict: moves,
  },
  {
    title: 'What to keep',
    words: () => [
      'One loss pulls on both log-probabilities, and its forces and the gradients decide which way they go in a small step. For equal forces it is the gradients’ inner product beside the square of either length: in this toy each shared token raises it. ' +
        'The interval below shows which ratios of the two forces would part the answers, and where the objectives stand.',
    ],
    part: 'e-interval',
  },
];

export const entanglementLesson: Lesson<EntanglementLab> = {
  steps,
  aside: (lab) => lab.aside(),
  rest: (lab) => lab.reset(),
  transport: {
    parts: ['e-play'],
    play: (lab) => lab.play(),
    pause: (lab) => lab.pause(),
    isPlaying: (lab) => lab.status === 'playing',
    progress: (lab) => ({ step: lab.shown.step, steps: lab.settings.steps }),
  },
};
