import { word } from '../../core/word.ts';
import { fixed } from '../../shell/controls/format.ts';
import type { Lesson, LessonStep, Prediction } from '../../shell/teach/lesson.ts';
import { type Direction, type Frame, leadChange } from './descents.ts';
import type { ModesLab } from './modes.svelte.ts';
import { defaultModes, modesPresets } from './modes.ts';

const stage =
  (id: string) =>
  (modes: ModesLab): void => {
    const scene = modesPresets.find((preset) => preset.id === id)?.scene;
    modes.change({ ...defaultModes, ...scene });
  };

const frameAt = (modes: ModesLab, place: 'first' | 'last'): Frame | undefined =>
  place === 'first' ? modes.steps.find(({ step }) => step > 0) : modes.steps.at(-1);

const aheadBy = (frame: Frame): number => frame.numbers.reverse.expectedReward - frame.numbers.forward.expectedReward;
const rewards = ({ step, numbers }: Frame): string =>
  `After ${step} ${step === 1 ? 'step' : 'steps'} the expected reward is ${fixed(numbers.forward.expectedReward, 4)} by forward KL and ` +
  `${fixed(numbers.reverse.expectedReward, 4)} by reverse KL.`;

const directionOptions = ['forward KL', 'reverse KL', word('neither')] as const;
const leader = (gap: number, tolerance: number): number => (Math.abs(gap) < tolerance ? 2 : gap < 0 ? 0 : 1);

const faster: Prediction<ModesLab> = {
  question: 'Which gains more reward in the first step?',
  options: directionOptions,
  outcome: (modes) => {
    const frame = frameAt(modes, 'first');
    return frame ? leader(aheadBy(frame), 1e-9) : null;
  },
  told: (modes) =>
    (['first', 'last'] as const).flatMap((place) => {
      const frame = frameAt(modes, place);
      return frame ? [`${rewards(frame)} `] : [];
    }),
  conceals: ['m-match', 'm-moments', 'm-first', 'm-play', 'm-words', 'm-race'],
};

/** How far the log-ratio of the two watched bins has come from where it began, in nats. */
function widened(modes: ModesLab, frame: Frame, direction: Direction): number {
  const [a, b] = modes.settings.bins;
  const ratio = (logps: readonly number[]): number => (logps[a] ?? Number.NaN) - (logps[b] ?? Number.NaN);
  return ratio(frame.logps[direction]) - ratio(modes.bandit.start);
}

const steps: readonly LessonStep<ModesLab>[] = [
  {
    title: 'Peaks apart',
    begin: stage('far'),
    part: 'm-bandit',
    words: (modes) => [
      `A policy over ${modes.bandit.rewards.length} bins. With the peaks apart it has hardly any probability where the reward peaks. Forward KL fits samples of the target; ` +
        'reverse KL is policy gradient with a KL penalty.',
    ],
    predict: faster,
  },
  {
    title: 'Peaks together',
    begin: stage('near'),
    part: 'm-bandit',
    words: () => ['With the peaks together the reward peaks close to a peak of the policy’s own.'],
    predict: faster,
  },
  {
    title: 'The rich',
    begin: stage('rich'),
    part: 'm-bandit',
    words: ({ settings, bandit }) => {
      const [a, b] = settings.bins;
      const [startA = 0, startB = 0, targetA = 0, targetB = 0] = [bandit.start[a], bandit.start[b], bandit.target[a], bandit.target[b]];
      const [ahead, behind] = startA >= startB ? [a, b] : [b, a];
      // the reader may have chosen other bins
      if (startA === startB || Math.abs(targetA - targetB) > 1e-6) return [`Bins ${a} and ${b} are watched.`];
      return [
        `Bins ${a} and ${b} are equally good in the target. At the start bin ${ahead} has more probability than bin ${behind}: the target closes the gap.`,
      ];
    },
    predict: {
      question: 'Which widens the gap in the first step?',
      options: ['forward KL alone', 'reverse KL alone', 'neither', 'both'],
      outcome: (modes) => {
        const frame = frameAt(modes, 'first');
        if (!frame) return null;
        const [a, b] = modes.settings.bins;
        const sign = Math.sign((modes.bandit.start[a] ?? 0) - (modes.bandit.start[b] ?? 0));
        const [forward, reverse] = (['forward', 'reverse'] as const).map((direction) => sign * widened(modes, frame, direction) > 0);
        return forward ? (reverse ? 3 : 0) : reverse ? 1 : 2;
      },
      told: (modes) => {
        const frame = frameAt(modes, 'first');
        if (!frame) return [];
        const [a, b] = modes.settings.bins;
        return [
          `In step 1 log π(${a})/π(${b}) moves by ${fixed(widened(modes, frame, 'forward'), 5)} nats in forward KL and by ${fixed(widened(modes, frame, 'reverse'), 5)} in reverse KL.`,
        ];
      },
      conceals: ['m-match', 'm-moments', 'm-first', 'm-play', 'm-words', 'm-race'],
    },
  },
  {
    title: 'Your own',
    part: 'm-bandit',
    uses: ['m-bandit', 'm-reward'],
    words: () => ['Reward, reference, start, β, step size and number of steps are yours.'],
    task: () => [
      'Draw a reward: drag over the board; on a keyboard, choose a bin with the arrow keys and raise it. Find one for which the lead in expected reward changes on the way.',
    ],
    done: (modes) => Array.isArray(modes.settings.reward) && leadChange(modes.steps) !== null,
  },
  {
    title: 'What to keep',
    part: 'm-first',
    words: () => [
      'Neither direction is always faster. Reverse KL weighs its push by what the policy has already; forward KL goes to whatever the target covers. ' +
        'As staged, the first step goes to forward KL with the peaks apart, to reverse KL with the peaks together. The exact formulas for two bins stand below.',
    ],
  },
];

export const modesLesson: Lesson<ModesLab> = { steps, aside: (modes) => modes.aside() };
