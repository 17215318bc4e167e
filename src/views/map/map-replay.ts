import { expectedReward } from '../../core/exact.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { word } from '../../core/word.ts';
import { percent, percentagePoints } from '../../shell/controls/format.ts';
import { sideWords } from '../../shell/controls/side-words.ts';
import { tellRun } from '../../shell/runs/run-words.ts';
import { type ToyId, toyOf } from './toys/map-toys.ts';

/** One line of a run's small chart. */
export interface RunLine {
  readonly id: 'chosen' | 'rejected' | 'gainer';
  readonly label: string;
  readonly role: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** The outcome outside the pair whose log-probability rose most over the run; undefined where none rose, or runs have several pairs. */
function topGainer(toy: ToyId, steps: readonly RecordedStep[]): number | undefined {
  const { pair } = toyOf(toy);
  const [first, last] = [steps[0]?.outcomeLogps ?? [], steps.at(-1)?.outcomeLogps ?? []];
  return (
    last
      .map((logp, outcome) => ({ outcome, gain: logp - (first[outcome] ?? Number.NaN) }))
      // rounding is no gain
      .filter(({ outcome, gain }) => pair && !pair.includes(outcome) && gain > 1e-9)
      .sort((a, b) => b.gain - a.gain)[0]?.outcome
  );
}

/** Log-probabilities of the pair (of several pairs, their means) and, among single tokens, of the top gainer. */
export function runLines(toy: ToyId, steps: readonly RecordedStep[]): RunLine[] {
  const { pair, outcomes } = toyOf(toy);
  const gainer = topGainer(toy, steps);
  const named = (outcome: number | undefined, role: string) =>
    outcome === undefined ? { label: role, role: '' } : { label: outcomes?.[outcome] ?? '', role };
  const of = (valueAt: (step: RecordedStep) => number) => steps.map((step) => ({ x: step.step, y: valueAt(step) }));
  return [
    { id: 'chosen', ...named(pair?.[0], sideWords.chosen), points: of(({ chosenLogps }) => mean(chosenLogps)) },
    { id: 'rejected', ...named(pair?.[1], sideWords.rejected), points: of(({ rejectedLogps }) => mean(rejectedLogps)) },
    ...(gainer === undefined
      ? []
      : [
          {
            id: 'gainer' as const,
            ...named(gainer, word('top gainer')),
            points: of(({ outcomeLogps }) => outcomeLogps?.[gainer] ?? Number.NaN),
          },
        ]),
  ];
}

/** What a run did to the chosen answer's log-probability, in nats; of several pairs, the mean. */
export const chosenChange = (steps: readonly RecordedStep[]): number =>
  mean(steps.at(-1)?.chosenLogps ?? []) - mean(steps[0]?.chosenLogps ?? []);

/** What happens in a run of the toy can be told in a sentence: they have a pair of single outcomes. */
export function isTold(toy: ToyId): boolean {
  const { pair, outcomes } = toyOf(toy);
  return pair !== undefined && outcomes !== undefined;
}

/** What happened in a run, in a sentence; '' where that cannot be told, or while not every update of it is known. */
export function replayWords(toy: ToyId, steps: readonly RecordedStep[]): string {
  const { pair, outcomes: tokens } = toyOf(toy);
  const isWhole = steps.length > 0 && steps.at(-1)?.step === steps.length - 1;
  return pair && tokens && isWhole ? tellRun(steps, { tokens, chosen: pair[0], rejected: pair[1] }) : '';
}

/** Expected reward at the end of a run; null for a toy without true rewards. */
export function finalReward(toy: ToyId, steps: readonly RecordedStep[]): number | null {
  const { rewards } = toyOf(toy);
  return rewards ? expectedReward(steps.at(-1)?.outcomeLogps ?? [], rewards) : null;
}

/** Probabilities of the outcomes at the end of a run, beside those at its start; null where responses are several tokens. */
export function runBars(toy: ToyId, steps: readonly RecordedStep[]) {
  const { pair, outcomes } = toyOf(toy);
  const gainer = topGainer(toy, steps);
  const roleOf = (outcome: number) =>
    outcome === gainer ? ('gainer' as const) : (['chosen', 'rejected'] as const)[pair?.indexOf(outcome) ?? -1];
  return (
    outcomes?.map((token, outcome) => {
      const probability = steps.at(-1)?.probs?.[outcome] ?? Number.NaN;
      const reference = steps[0]?.probs?.[outcome] ?? Number.NaN;
      return {
        token,
        probability,
        reference,
        role: roleOf(outcome),
        probabilityText: percent(probability),
        referenceText: percent(reference),
        changeText: percentagePoints(probability - reference),
      };
    }) ?? null
  );
}
