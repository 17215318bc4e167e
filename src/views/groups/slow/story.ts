import { fixed, percent, scientific, setting, signed } from '../../../shell/controls/format.ts';
import type { Method } from '../methods.ts';
import type { AdvantageRule } from './advantage.ts';
import type { GroupUpdate } from './group-update.ts';
import type { Stage } from './slow-motion.svelte.ts';

const baselines: Readonly<Record<AdvantageRule['baseline'], string>> = {
  group: 'its group’s mean',
  others: 'the mean of the group’s others',
  batch: 'the mean of all groups',
  lowest: 'the lowest of its group',
  none: 'nothing',
};

/** Advantages this close are one. */
const rounding = 1e-9;
/** Two decimals; powers of ten for what would read as zero, and is not. */
const inShort = (value: number): string =>
  Math.abs(value) > rounding && Math.abs(value) < 0.005 ? `${value > 0 ? '+' : ''}${scientific(value)}` : signed(value, 2);

/** The advantages of right and of wrong answers: one where all of a kind have the same, else from the least to the largest. */
function advantagesInWords({ drawn, rule, hasMore }: GroupUpdate, { short }: Method): string {
  if (!rule) return `${short} makes no advantages of the rewards: what it makes of them shows below as its push.`;
  const of = (isRight: boolean): { text: string; isOne: boolean; isZero: boolean } | null => {
    const values = drawn.filter((one) => one.isRight === isRight).map(({ advantage }) => advantage?.value ?? 0);
    if (values.length === 0) return null;
    const [least, largest] = [Math.min(...values), Math.max(...values)];
    return largest - least < rounding
      ? { text: inShort(least), isOne: true, isZero: Math.abs(least) < rounding }
      : { text: `${inShort(least)} to ${inShort(largest)}`, isOne: false, isZero: false };
  };
  const [right, wrong] = [of(true), of(false)];
  const only = right && wrong ? null : (right ?? wrong);
  if (only && !only.isOne)
    return `All answers did equally well. What is left is how the KL in the reward differs: advantages from ${only.text}.`;
  if (only) {
    const { isZero } = only;
    if (isZero && hasMore) return 'All answers did equally well: every advantage is 0, and only the KL or the entropy bonus can push.';
    return isZero
      ? 'All answers did equally well: every advantage is 0, and this group teaches nothing.'
      : `All answers did equally well, and each has the advantage ${only.text}: the baseline is not the group’s own.`;
  }
  const unit = rule.divisor === 'none' ? '' : ', in standard deviations';
  return `The advantage is how much better an answer did than ${baselines[rule.baseline]}${unit}: ${right?.text} where it is right, ${wrong?.text} where it is wrong.`;
}

function ratiosInWords({ drawn, clip, hasMore }: GroupUpdate, update: number): string {
  if (update === 0)
    return clip.kind === 'clip'
      ? `The ratio is an answer’s chance now, over its chance when drawn: still 1. Past ${setting(clip.high)} or ${setting(clip.low)}, where its advantage pushes it, an answer is clipped and ${hasMore ? 'pushed no further by it' : 'pushes no more'}.`
      : 'The ratio is an answer’s chance now, over its chance when drawn. Nothing has moved yet: all are 1.';
  const ratios = drawn.map(({ ratio }) => ratio);
  const range = `from ${fixed(Math.min(...ratios), 2)} to ${fixed(Math.max(...ratios), 2)}`;
  // a cap holds for every sign; TRL counts those with an advantage above 0
  const clipped = drawn.filter((one) => (clip.kind === 'cap' ? one.ratio > clip.high : one.clipped !== null));
  if (clip.kind === 'none') return `The probabilities have moved since the draw: ratios ${range}. This method clips none of them.`;
  if (clipped.length === 0) return `The probabilities have moved since the draw: ratios ${range}, none of them clipped.`;
  if (clip.kind === 'cap')
    return `Ratios ${range}: ${clipped.length} of ${drawn.length} lie above ${setting(clip.high)} and count as that much.`;
  const of = (side: 'low' | 'high'): number => clipped.filter((one) => one.clipped === side).length;
  const sides = [
    ...(of('high') > 0 ? [`${of('high')} above ${setting(clip.high)}`] : []),
    ...(of('low') > 0 ? [`${of('low')} below ${setting(clip.low)}`] : []),
  ].join(', ');
  return `Ratios ${range}: ${clipped.length} of ${drawn.length} have gone far enough (${sides}) and are clipped: ${hasMore ? 'only the KL or the entropy bonus still pushes them' : 'they push no more'}.`;
}

/** What a stage shows, in one sentence with its numbers. `isShared`: prompts share their answers' features, so that each moves the others. */
export function sentenceOf(shown: GroupUpdate, stage: Stage, update: number, method: Method, isShared = true): string {
  const { drawn, opponents, rightCount, right, now, next } = shown;
  switch (stage) {
    case 'draw':
      return opponents > 0
        ? `A group: ${drawn.length - opponents} answers from the model’s own probabilities, then ${opponents} from the reference’s or a mixture of both. The right answer is ${right}.`
        : `A group: ${drawn.length} answers to one prompt, drawn from the model’s own probabilities. The right answer is ${right}.`;
    case 'reward':
      return `A checker rewards each answer: ${rightCount} of ${drawn.length} are right.`;
    case 'advantage':
      return advantagesInWords(shown, method);
    case 'ratio':
      return ratiosInWords(shown, update);
    default: {
      const way = `the right answer ${right} goes from ${percent(now[right] ?? Number.NaN)} to ${percent(next[right] ?? Number.NaN)}`;
      const isStill = next.every((probability, answer) => Math.abs(probability - (now[answer] ?? 0)) < 1e-12);
      if (isStill) return `The bars stay: the right answer ${right} at ${percent(now[right] ?? Number.NaN)}.`;
      return drawn.every(({ push }) => push === 0)
        ? `This group pushes nothing. Other prompts, which share its features, move its bars: ${way}.`
        : `The pushes move the bars${isShared ? ', with those of the other prompts, which share its features' : ''}: ${way}. Dashed is before.`;
    }
  }
}
