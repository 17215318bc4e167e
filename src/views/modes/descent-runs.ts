import type { Law } from '../../atlas/toys/modes/scene.ts';
import { fixed } from '../../shell/controls/format.ts';
import { endText, type RunFact, type RunKind, readNumbers, readSettings } from '../../shell/runs/run-kind.ts';
import type { DescentPoint, Direction } from './descents.ts';
import { keptSteps, type ModesSettings, type PolicyNumbers } from './modes.ts';
import { readModes } from './modes-link.ts';
import { modesPlace } from './place.ts';

const lawFact = (id: string, label: string, law: Law | 'reference'): RunFact => ({
  id,
  label,
  text: typeof law === 'string' ? law : 'drawn',
  value: JSON.stringify(law),
});

/** What is said of both descents to a target. */
export function descentFacts({ reward, reference, start, beta, learningRate, steps }: ModesSettings): RunFact[] {
  return [
    {
      id: 'reward',
      label: 'reward',
      text: 'centre' in reward ? `peak at ${reward.centre}, width ${reward.width}` : 'drawn',
      value: JSON.stringify(reward),
    },
    lawFact('reference', 'reference', reference),
    lawFact('start', 'start', start),
    { id: 'beta', label: 'β', text: String(beta) },
    { id: 'learningRate', label: 'η', text: String(learningRate) },
    { id: 'steps', label: 'steps', text: String(steps) },
  ];
}

/** Order of the numbers in a file. */
const fields = [
  'expectedReward',
  'klToReference',
  'reverseKl',
  'forwardKl',
  'entropy',
  'width',
  'covered',
] as const satisfies readonly (keyof PolicyNumbers)[];

const numbersOf = (values: readonly number[]): PolicyNumbers =>
  Object.fromEntries(fields.map((field, i) => [field, values[i] ?? Number.NaN])) as unknown as PolicyNumbers;

/** Both descents of the mode-seeking view. A state is written as [step, seven numbers of the forward descent, seven of the reverse one]. */
export const descentRuns: RunKind<ModesSettings, DescentPoint> = {
  id: 'modes',
  factsOf: descentFacts,
  outcomeOf({ states, settings, finished }) {
    const last = states.at(-1);
    const reward = (direction: Direction): string => fixed(last?.numbers[direction].expectedReward ?? Number.NaN, 3);
    return `expected reward ${reward('forward')} forward, ${reward('reverse')} reverse${endText(last?.step ?? 0, settings.steps, finished)}`;
  },
  read: (text) => readSettings(text, modesPlace, (reader) => readModes(reader).settings),
  writeState: ({ step, numbers }) => [
    step,
    ...fields.map((field) => numbers.forward[field]),
    ...fields.map((field) => numbers.reverse[field]),
  ],
  readState(value, index, { steps }) {
    const numbers = readNumbers(value, 1 + 2 * fields.length);
    if (!numbers) return ` must be a list of ${1 + 2 * fields.length} finite numbers.`;
    const [step = Number.NaN, ...rest] = numbers;
    if (step !== keptSteps(steps)[index]) return ` is of step ${step}, where a descent of ${steps} steps has another.`;
    const [forward, reverse] = [numbersOf(rest.slice(0, fields.length)), numbersOf(rest.slice(fields.length))];
    for (const { covered, width } of [forward, reverse])
      if (covered < 0 || covered > 1 || width < 0) return ' holds a share or a width that is none.';
    return { step, numbers: { forward, reverse } };
  },
};
