import { defaultSettings, type ToySettings } from '../../atlas/toys/displacement/no-over-never.ts';
import { sameFields } from '../../core/same.ts';
import { dot } from '../../core/vectors.ts';
import { fixed, percent } from '../../shell/controls/format.ts';
import type { Phrase } from '../../shell/controls/phrase.ts';
import type { Lesson, LessonStep, Prediction } from '../../shell/teach/lesson.ts';
import type { Session } from './session.svelte.ts';

const yes = 2;

const probability = (session: Session, token: number, step: 'first' | 'last'): number =>
  (step === 'first' ? session.start : session.steps.at(-1))?.probs?.[token] ?? Number.NaN;

/** Percentage points within which a probability counts as unchanged. */
const same = 0.01;

/** The lesson's run is over: trained to its end, not stopped. */
const isOver = (session: Session): boolean => session.status === 'finished';

const stage =
  (change: Partial<ToySettings>) =>
  (session: Session): void => {
    session.change({ ...defaultSettings, ...change });
    session.reset();
  };

/** As `stage`, and trains the run that the step speaks of, where the step before was skipped. */
const trained =
  (change: Partial<ToySettings>) =>
  (session: Session): void => {
    if (isOver(session) && sameFields(session.settings, { ...defaultSettings, ...change })) return;
    stage(change)(session);
    session.goTo(session.settings.steps);
  };

const no: Phrase = { text: 'No', role: 'chosen' };
const never: Phrase = { text: 'Never', role: 'rejected' };

const whatHappensToNo: Prediction<Session> = {
  question: 'Where will “No” be at the end?',
  options: ['Higher', 'About the same', 'Lower'],
  outcome: (session) => {
    if (!isOver(session)) return null;
    const change = probability(session, 0, 'last') - probability(session, 0, 'first');
    return Math.abs(change) < same ? 1 : change > 0 ? 0 : 2;
  },
  told: (session) => [
    no,
    ` went from ${percent(probability(session, 0, 'first'))} to ${percent(probability(session, 0, 'last'))}, “Yes” from ` +
      `${percent(probability(session, yes, 'first'))} to ${percent(probability(session, yes, 'last'))}; the loss from ` +
      `${fixed(session.start.loss, 3)} to ${fixed(session.steps.at(-1)?.loss ?? Number.NaN, 3)}.`,
  ],
  mark: (session, option) => {
    session.guess = option === null ? null : (guesses[option] ?? null);
  },
};
const guesses = ['up', 'same', 'down'] as const;

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

/** "Never" on the other side of the origin from "No". */
function turnNever(session: Session): void {
  const { hidden, unembedding } = session.settings.vectors;
  const turned = (unembedding[0] ?? []).map((x) => -x);
  session.change({ vectors: { hidden, unembedding: unembedding.map((row, token) => (token === 1 ? turned : row)) } });
  session.reset();
}

/** The tokens' own vectors are trained, and nothing else. */
const ownVectors = { train: 'unembedding', scale: 1, learningRate: 0.05 } as const;

const steps: readonly LessonStep<Session>[] = [
  {
    title: 'Predict',
    begin: stage({}),
    part: 'bars',
    words: (session) => [
      'We teach a model to prefer ',
      no,
      ' to ',
      never,
      `. Now it says “No” with ${percent(probability(session, 0, 'first'))}, “Never” with ${percent(probability(session, 1, 'first'))}.`,
    ],
    predict: whatHappensToNo,
  },
  {
    title: 'Find the moment',
    begin: trained({}),
    part: 'curves',
    uses: ['play'],
    words: (session) => [
      'DPO sees only the gap: how far ',
      no,
      ' is ahead of ',
      never,
      `. At update ${session.shown.step} the loss is ${fixed(session.shown.loss, 3)}, “No” ${percent(session.shown.probs?.[0] ?? Number.NaN)}, ` +
        `“Yes” ${percent(session.shown.probs?.[yes] ?? Number.NaN)}.`,
    ],
    task: () => [
      'Find the update at which “Yes” overtakes “No”: drag the handle; on a keyboard, press the arrow keys. Compare ',
      { text: 'the start', act: (session) => session.pin(0) },
      ', ',
      { text: 'the middle', act: (session) => session.pin(Math.round(session.steps.length / 2)) },
      ' and ',
      { text: 'the end', act: (session) => session.pin(session.steps.length - 1) },
      '.',
    ],
    done: (session) => {
      const step = overtaking(session);
      return step !== null && Math.abs(session.shown.step - step) <= 1;
    },
  },
  {
    title: 'Change the cause',
    begin: stage({}),
    part: 'vectors',
    uses: ['vectors'],
    words: (session) => [
      'The arrow is ',
      no,
      ' minus ',
      never,
      '. It points away from “No” itself where ⟨No,\u00a0Never⟩ is above ‖No‖². ' +
        `Here these are ${fixed(pairDot(session, 0, 1), 2)} and ${fixed(pairDot(session, 0, 0), 2)}. ` +
        `To first order “No” ${firstMove(session) > 0 ? 'rises' : 'falls'}.`,
    ],
    task: () => [
      'Drag “Never” (on a keyboard: the arrow keys on it) until “No” would rise. Or ',
      { text: 'turn “Never” to the other side', act: turnNever },
      '.',
    ],
    done: (session) => firstMove(session) > 0,
  },
  {
    title: 'Predict again',
    begin: (session) => {
      if (session.settings.train !== 'hidden') stage({})(session);
      if (firstMove(session) > 0) session.reset();
      else turnNever(session);
    },
    part: 'bars',
    words: () => ['The pair is what it was. Only the cause has changed.'],
    predict: whatHappensToNo,
  },
  {
    title: 'Who is trained?',
    begin: stage(ownVectors),
    part: 'bars',
    words: () => [
      'The old vectors are back. This time the model’s state is frozen and the answers’ own vectors are trained: every answer has a row of its own.',
    ],
    predict: whatHappensToNo,
  },
  {
    title: 'What to keep',
    begin: trained(ownVectors),
    words: (session) => [
      ...(isOver(session) && session.settings.train === 'unembedding'
        ? [`With their own vectors trained, “No” went to ${percent(probability(session, 0, 'last'))}. `]
        : []),
      'A falling DPO loss promises a growing gap, and nothing about “No”: where answers share what is trained, both may lose to a third.',
    ],
    task: () => [
      'It is no rule: for six answers with vectors of three numbers from N(0, 1), a small first step lowers the preferred answer in about 12 % of draws if the state alone is trained, ' +
        'in about 2 % if both are.',
    ],
  },
];

export const displacementLesson: Lesson<Session> = {
  steps,
  aside: (session) => {
    const bringBack = session.aside();
    return () => {
      session.isTaught = false;
      bringBack();
    };
  },
  rest: (session) => session.reset(),
  transport: {
    parts: ['play'],
    play: (session) => {
      if (isOver(session) && session.shown.step === session.settings.steps) session.pin(0);
      session.play();
    },
    pause: (session) => session.pause(),
    isPlaying: (session) => session.isPlaying,
    progress: (session) => ({ step: session.shown.step, steps: session.settings.steps }),
  },
};
