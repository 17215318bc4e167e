import type { RecordedStep } from '../../../../core/experiment.ts';
import { type Move, moveOfProbability } from '../../../../core/regime.ts';
import { word } from '../../../../core/word.ts';
import { fixed, fixedBeside, percent } from '../../../../shell/controls/format.ts';
import type { Phrase } from '../../../../shell/controls/phrase.ts';
import { type Cast, logRatioMargin } from '../../story.ts';
import { gainerOf, spoken } from '../roles.ts';
import type { Turn } from './turn.ts';

/** A piece of the sentence under the bars. */
export interface Piece extends Phrase {
  /** it leads to what the loss sees */
  readonly opensLens?: boolean;
  /** it trains with a tenth of the step size */
  readonly triesTenth?: boolean;
}

export interface Scene {
  readonly cast: Cast;
  readonly start: RecordedStep;
  readonly now: RecordedStep;
  /** updates of the whole run */
  readonly steps: number;
  readonly turn: Turn | null;
  /** the loss reads the gap and nothing else of the pair */
  readonly seesGapOnly: boolean;
  /** the gap is all that the loss sees, and it asks for a larger one at the start */
  readonly pullsApart: boolean;
  /** it is about to play by itself */
  readonly begins: boolean;
  /** the reader has changed the run, in which the chosen answer fell before */
  readonly isChanged: boolean;
  /** what is said of the whole run's end in place of the usual; null: nothing */
  readonly ended: readonly Piece[] | null;
  /** there is something beside the picture with which the reader can */
  readonly canTry: boolean;
  /** the reader's own word for the answers that an answer is shown with; undefined: there is none */
  readonly groupOf: (token: number) => string | undefined;
  /** the update from which on nothing has moved any more; null: something moves */
  readonly restsSince: number | null;
}

/** What the chosen answer does between two states. */
export const courseOf = (start: RecordedStep, now: RecordedStep, { chosen }: Cast): Move =>
  moveOfProbability(start.probs?.[chosen] ?? Number.NaN, now.probs?.[chosen] ?? Number.NaN);

/** A probability in words where a usual fraction is near. */
function often(probability: number): string {
  const near = (fraction: number): boolean => Math.abs(probability - fraction) <= 0.02;
  if (near(3 / 4)) return word('three times out of four');
  if (near(1 / 2)) return word('half of the time');
  if (near(1 / 4)) return word('one time in four');
  return `${percent(probability)} ${word('of the time')}`;
}

/** A loss beside another, with as many decimals as tell the two apart. */
const lossText = (loss: number, other: number): string => fixedBeside(loss, Math.abs(loss - other));

/** States that are the same for as many updates are at rest. */
const restful = 3;

/**
 * The first update of the states' end in which neither loss nor probabilities move at all, as where a loss has become flat: what only moves
 * slowly does not rest. Null where that end is short.
 */
export function restOf(states: readonly RecordedStep[]): number | null {
  const last = states.at(-1);
  const isAsLast = ({ loss, probs }: RecordedStep): boolean => loss === last?.loss && String(probs) === String(last.probs);
  const first = states.findLastIndex((state) => !isAsLast(state)) + 1;
  return states.length - 1 - first >= restful ? (states[first]?.step ?? null) : null;
}

/** What a reader is told at a state of the run: three lines at most. */
export function tellScene(scene: Scene): readonly Piece[] {
  const { cast, start, now, steps, turn, seesGapOnly, pullsApart, begins, isChanged, ended, canTry, groupOf, restsSince } = scene;
  const name = (token: number, role?: Phrase['role']): Piece => ({ text: spoken(cast.tokens[token] ?? ''), ...(role ? { role } : {}) });
  /** who gains, and in which bar */
  const gaining = (token: number): Piece[] => {
    const group = groupOf(token);
    return [name(token, 'gainer'), ...(group === undefined ? [] : [{ text: ` (in ${group})` }])];
  };
  const chosen = name(cast.chosen, 'chosen');
  const rejected = name(cast.rejected, 'rejected');
  const at = (step: RecordedStep, token: number): number => step.probs?.[token] ?? Number.NaN;
  const leads = (step: RecordedStep, token: number): boolean => step.probs?.every((p) => p <= at(step, token)) ?? false;
  const gainer = gainerOf(start, now, cast);
  const course = courseOf(start, now, cast);
  const gap = logRatioMargin(start, now);
  const lossFell = now.loss < start.loss;
  const span = `${percent(at(start, cast.chosen))} to ${percent(at(now, cast.chosen))}`;

  if (now.step === start.step)
    return [
      { text: 'It says ' },
      chosen,
      { text: ` ${often(at(start, cast.chosen))}. ${begins ? word('Each update tries to') : word('Press play: each update tries to')} ` },
      ...(pullsApart
        ? [{ text: 'make ' }, chosen, { text: ' beat ' }, rejected, { text: ' by a little more.' }]
        : [{ text: 'lower the loss.' }]),
    ];

  if (!lossFell || !(gap > 0)) {
    const loss = lossFell ? word('The loss fell, yet') : word('The loss is not below its start, and');
    return [
      { text: `${loss} the gap to ` },
      rejected,
      { text: ` has ${gap > 0 ? 'grown' : 'not grown'}. ` },
      chosen,
      { text: ` went from ${span}.` },
    ];
  }

  if (now.step === turn?.step && turn.by !== null)
    return [
      ...gaining(turn.by),
      { text: ' has just overtaken ' },
      chosen,
      { text: '. The loss has fallen: ' },
      { text: seesGapOnly ? 'all it sees' : 'what it sees', opensLens: true },
      { text: seesGapOnly ? ' is ' : ' are the two alone, and ' },
      chosen,
      { text: seesGapOnly ? ' pulling ahead of ' : ' pulls ahead of ' },
      rejected,
      { text: '.' },
    ];
  if (now.step === turn?.step)
    return [
      chosen,
      { text: ` rose to ${percent(at(now, cast.chosen))}, and turns here. The gap to ` },
      rejected,
      { text: ' has grown: ' },
      { text: 'see what the loss sees', opensLens: true },
      { text: '.' },
    ];

  if (now.step < steps && restsSince !== null)
    return [
      { text: `The loss reached ${lossText(now.loss, start.loss)} at update ${restsSince}: from there the bars stand still. ` },
      chosen,
      { text: ` went from ${span}.` },
    ];
  if (now.step >= steps && ended) return ended;
  if (now.step >= steps) {
    const kept = `${percent(at(start, cast.chosen))}, then ${percent(at(now, cast.chosen))}`;
    if (isChanged && course !== 'falls')
      return [
        chosen,
        { text: `${course === 'rises' ? ` rises, from ${span}` : ` stays: ${kept}`}. The data did not change; what you changed did it.` },
      ];
    const loss = `The loss fell from ${lossText(start.loss, now.loss)} to ${lossText(now.loss, start.loss)}. `;
    if (course === 'falls' && gainer?.takesOver && leads(start, cast.chosen) && leads(now, gainer.token))
      return [
        { text: loss },
        chosen,
        { text: ` went from ${span}, and ` },
        ...gaining(gainer.token),
        {
          text: `${cast.tokens[gainer.token] === 'Yes' ? ', its opposite,' : ''} took its place.${canTry ? ` ${word('Now try to stop it.')}` : ''}`,
        },
      ];
    if (course === 'falls')
      return [
        { text: loss },
        chosen,
        { text: ` went from ${span}, though it is the answer that was preferred` },
        ...(gainer ? [{ text: '; ' }, ...gaining(gainer.token), { text: ' gained most' }] : []),
        { text: '.' },
      ];
    return [
      { text: loss },
      chosen,
      {
        text: course === 'rises' ? ` rose, from ${span}.` : ` stayed: ${kept}.`,
      },
    ];
  }

  const opening: Piece[] = [{ text: 'The gap to ' }, rejected, { text: ' has grown and the loss fallen, as asked. ' }];
  if (course === 'falls' && gainer?.takesOver)
    return [
      ...gaining(gainer.token),
      { text: ` is above ` },
      chosen,
      { text: ` now, by ${fixed(100 * (at(now, gainer.token) - at(now, cast.chosen)), 0)} points. The gap to ` },
      rejected,
      { text: ' has grown, and the loss ' },
      { text: 'has fallen', opensLens: true },
      { text: '.' },
    ];
  // what has come of it so far: whether the answer gains or loses just now is the cause's to say
  const points = fixed(100 * Math.abs(at(now, cast.chosen) - at(start, cast.chosen)), 0);
  if (course === 'falls') return [...opening, { text: 'But ' }, chosen, { text: ` has lost too: ${points} points since the start.` }];
  if (course === 'rises') return [...opening, chosen, { text: ` has gained ${points} points since the start.` }];
  return [...opening, chosen, { text: ' has moved by less than 5 points so far.' }];
}
