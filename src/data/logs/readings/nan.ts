import { type FindReading, type LogFacts, type NonFinite, showPlace } from './series.ts';

const remedies = [
  'Train in bfloat16.',
  'Leave out empty and truncated responses.',
  'Clip the gradient, lower the learning rate, warm up longer.',
];

const found = ({ nonFinite }: LogFacts): NonFinite[] =>
  nonFinite.filter(({ column }) => /loss|rewards|logps|logits|grad_norm|kl|reward/.test(column));

/** Whether a column of training is finite no more at its end. */
export function isBroken(log: LogFacts): boolean {
  return found(log).some(({ column, step }) => {
    if (column.startsWith('eval_')) return false;
    const values = log.columns[column];
    return !log.steps.some((at, i) => at > step && Number.isFinite(values?.[i]));
  });
}

/** What is not finite, in rows of which there are so many. */
const listed = (all: readonly NonFinite[], at: number): string[] => [
  ...new Set(all.filter(({ step }) => step === at).map(({ column }) => column)),
];

/** A number of the training itself is NaN or infinite, to the end. */
export const nan: FindReading = (log) => {
  const all = found(log);
  const [first] = all;
  if (!first || !isBroken(log)) return null;
  const at = listed(all, first.step);
  const rows = new Set(all.map(({ step }) => step)).size;
  const last = log.steps.at(-1);
  return {
    id: 'nan',
    text: `Not finite from ${showPlace(log, first.step)} on: ${at.slice(0, 4).join(', ')} ${at.length === 1 ? 'is' : 'are'} ${String(first.value)}; in ${rows} of ${log.steps.length} rows${last === undefined ? '' : `, the last at ${showPlace(log, all.at(-1)?.step ?? 0)}`}. What comes after cannot be trusted.`,
    fromStep: first.step,
    causes: [
      'float16 overflows, or its log of 0 is −∞.',
      'A response without tokens: its mean divides by 0.',
      'The gradient exploded in the steps before.',
    ],
    remedies,
  };
};

/** Single numbers are not finite, and those after them are. */
export const nanRows: FindReading = (log) => {
  const all = found(log);
  const [first] = all;
  if (!first || isBroken(log)) return null;
  const rows = new Set(all.map(({ step }) => step)).size;
  return {
    id: 'nan',
    text: `Not finite in ${rows} of ${log.steps.length} rows: first ${listed(all, first.step).slice(0, 4).join(', ')} at ${showPlace(log, first.step)} (${String(first.value)}). The training goes on after them in finite numbers.`,
    fromStep: first.step,
    causes: [
      'With float16 the first steps look for a scale, and those whose gradient is infinite are left out: that is how it works.',
      'A batch with a response without tokens, whose mean divides by 0.',
    ],
    remedies,
  };
};
