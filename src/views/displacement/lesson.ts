import { defaultSettings, type ToySettings } from '../../atlas/toys/no-over-never.ts';
import { dot } from '../../core/vectors.ts';
import { fixed, percent } from '../../shell/controls/format.ts';
import type { Lesson, LessonStep, Piece, Prediction } from '../../shell/teach/lesson.ts';
import type { Session } from './session.svelte.ts';

const yes = 2;

const probability = (session: Session, token: number, step: 'first' | 'last'): number =>
  (step === 'first' ? session.start : session.steps.at(-1))?.probs?.[token] ?? Number.NaN;

/** Percentage points within which a probability counts as unchanged. */
const same = 0.01;

/** The lesson's run is over: trained to its end, not stopped. */
const isOver = (session: Session): boolean => session.status === 'finished';

const play: Piece<Session> = { text: 'Play', act: (session) => session.play() };

const stage =
  (change: Partial<ToySettings>) =>
  (session: Session): void => {
    session.change({ ...defaultSettings, ...change });
    session.reset();
  };

const whatHappensToNo: Prediction<Session> = {
  question: 'After training, “No” will be',
  options: ['more probable than before', 'about as probable', 'less probable than before'],
  outcome: (session) => {
    if (!isOver(session)) return null;
    const change = probability(session, 0, 'last') - probability(session, 0, 'first');
    return Math.abs(change) < same ? 1 : change > 0 ? 0 : 2;
  },
  told: (session) => [
    `“No” went from ${percent(probability(session, 0, 'first'))} to ${percent(probability(session, 0, 'last'))}, “Yes” from ` +
      `${percent(probability(session, yes, 'first'))} to ${percent(probability(session, yes, 'last'))}; the loss from ` +
      `${fixed(session.start.loss, 3)} to ${fixed(session.steps.at(-1)?.loss ?? Number.NaN, 3)}.`,
  ],
  conceals: ['why', 'vectors', 'verdict', 'moments', 'pair-set'],
};

/** The first step at which "Yes" is more probable than "No". */
function overtaking(session: Session): number | null {
  const step = session.steps.findIndex(({ probs = [] }) => (probs[yes] ?? 0) > (probs[0] ?? 0));
  return step < 0 ? null : step;
}

/** The first move of log π("No") in gradient flow, in units of the loss's pull. */
const firstMove = (session: Session): number => (session.theory.rate[0] ?? Number.NaN) * Math.sign(session.theory.unit);

/** Inner product of two tokens' vectors. */
const pairDot = (session: Session, a: number, b: number): number => {
  const { unembedding } = session.settings.vectors;
  return dot(unembedding[a] ?? [], unembedding[b] ?? []);
};

const steps: readonly LessonStep<Session>[] = [
  {
    title: 'Predict',
    begin: stage({}),
    part: 'bars',
    words: (session) => [
      `This model answers with one of six tokens: “No” with probability ${percent(probability(session, 0, 'first'))}, “Never” with ` +
        `${percent(probability(session, 1, 'first'))}. It is about to be trained on one preference: “No” is better than “Never”.`,
    ],
    predict: whatHappensToNo,
    task: () => ['Then press ', play, ' and watch the bars.'],
  },
  {
    title: 'Find the moment',
    part: 'play',
    words: (session) => [
      'The loss sees only the margin: how far “No” is ahead of “Never”. Compare ',
      { text: 'the start', act: (session) => session.pin(0) },
      ', ',
      { text: 'the middle', act: (session) => session.pin(Math.round(session.steps.length / 2)) },
      ' and ',
      { text: 'the end', act: (session) => session.pin(session.steps.length - 1) },
      ` of the run. Now at step ${session.shown.step}: loss ${fixed(session.shown.loss, 3)}, “No” ${percent(session.shown.probs?.[0] ?? Number.NaN)}, ` +
        `“Yes” ${percent(session.shown.probs?.[yes] ?? Number.NaN)}.`,
    ],
    task: () => ['Move the timeline to the step at which “Yes” overtakes “No”. Arrow keys move it by one.'],
    done: (session) => {
      const step = overtaking(session);
      return step !== null && Math.abs(session.shown.step - step) <= 1;
    },
  },
  {
    title: 'Change the cause',
    begin: (session) => session.reset(),
    part: 'vectors',
    words: (session) => [
      'Every token has a vector; the model’s state moves along the difference “No” − “Never”. At first the tokens gain whose vectors point that way ' +
        `more than the mean vector does. The difference points away from “No” itself where “Never” lies so much along “No” that ⟨W_No, W_Never⟩ is above ‖W_No‖²: ` +
        `it must be aligned and longer. Here these are ${fixed(pairDot(session, 0, 1), 2)} and ${fixed(pairDot(session, 0, 0), 2)}. To first order log π(No) moves by ${fixed(firstMove(session), 2)} ` +
        'for each unit of the loss’s pull.',
    ],
    task: () => [
      'Drag the vector of “Never” (or choose it and use the arrow keys) until “No” would rise: that number must be above 0. Or ',
      {
        text: 'turn “Never” to the other side',
        act: (session) => {
          const { hidden, unembedding } = session.settings.vectors;
          session.change({
            vectors: { hidden, unembedding: unembedding.map((row, token) => (token === 1 ? (unembedding[0] ?? []).map((x) => -x) : row)) },
          });
          session.reset();
        },
      },
      '.',
    ],
    done: (session) => firstMove(session) > 0,
  },
  {
    title: 'Predict again',
    begin: (session) => session.reset(),
    part: 'bars',
    words: () => ['The data and the loss are what they were. Only the vector of “Never” has moved.'],
    predict: whatHappensToNo,
    task: () => ['Then press ', play, '.'],
  },
  {
    title: 'Who is trained?',
    begin: stage({ train: 'unembedding', ...{ scale: 1, learningRate: 0.05 } }),
    part: 'settings',
    words: () => [
      'The old vectors are back. This time the hidden vector is frozen and the tokens’ own vectors are trained: every token has a row of its own.',
    ],
    predict: whatHappensToNo,
    task: () => ['Then press ', play, '.'],
  },
  {
    title: 'What to keep',
    words: (session) => [
      `With the unembedding alone “No” went to ${percent(probability(session, 0, 'last'))}. A falling loss of the margin promises a growing margin, and nothing about “No” itself: ` +
        'where answers share parameters, probability can leave both for a third that the data never mentions. While only the hidden vector is trained, the tokens’ vectors say which. ' +
        'It is no rule: for six tokens with random vectors of three numbers, a small first step lowers the preferred answer in about 12 % of draws if the hidden vector alone is trained, ' +
        'in about 2 % if both are. What fell may come back in a longer run. And several pairs at once can lower their preferred answers even where nothing is shared.',
    ],
  },
];

export const displacementLesson: Lesson<Session> = { steps };
