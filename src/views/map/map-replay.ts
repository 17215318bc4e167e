import { chosenToken, rejectedToken, tokens } from '../../atlas/toys/no-over-never.ts';
import { expectedReward } from '../../core/exact.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { percent, percentagePoints } from '../../shell/controls/format.ts';
import { labelRewards, outcomesOf, type ToyId } from './map-toys.ts';

/** One line of a run's small chart. */
export interface RunLine {
  readonly id: 'chosen' | 'rejected' | 'gainer';
  readonly label: string;
  readonly role: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** The outcome outside the pair whose log-probability rose most over the run. */
function topGainer(steps: readonly RecordedStep[]): number | undefined {
  const [first, last] = [steps[0]?.outcomeLogps ?? [], steps.at(-1)?.outcomeLogps ?? []];
  return last
    .map((logp, outcome) => ({ outcome, gain: logp - (first[outcome] ?? Number.NaN) }))
    .filter(({ outcome }) => outcome !== chosenToken && outcome !== rejectedToken)
    .sort((a, b) => b.gain - a.gain)[0]?.outcome;
}

/** Log-probabilities of the pair (of several pairs, their means) and, among single tokens, of the top gainer. */
export function runLines(toy: ToyId, steps: readonly RecordedStep[]): RunLine[] {
  const of = (valueAt: (step: RecordedStep) => number) => steps.map((step) => ({ x: step.step, y: valueAt(step) }));
  const isTokens = toy === 'displacement';
  const pair: RunLine[] = [
    {
      id: 'chosen',
      label: isTokens ? (tokens[chosenToken] ?? '') : 'chosen',
      role: isTokens ? 'chosen' : '',
      points: of(({ chosenLogps }) => mean(chosenLogps)),
    },
    {
      id: 'rejected',
      label: isTokens ? (tokens[rejectedToken] ?? '') : 'rejected',
      role: isTokens ? 'rejected' : '',
      points: of(({ rejectedLogps }) => mean(rejectedLogps)),
    },
  ];
  const gainer = isTokens ? topGainer(steps) : undefined;
  if (gainer === undefined) return pair;
  const points = of(({ outcomeLogps }) => outcomeLogps?.[gainer] ?? Number.NaN);
  return [...pair, { id: 'gainer', label: tokens[gainer] ?? '', role: 'top gainer', points }];
}

/** What a run did to the chosen answer's log-probability, in nats; of several pairs, the mean. */
export const chosenChange = (steps: readonly RecordedStep[]): number =>
  mean(steps.at(-1)?.chosenLogps ?? []) - mean(steps[0]?.chosenLogps ?? []);

/** Expected reward at the end of a run; null for a toy without true rewards. */
export const finalReward = (toy: ToyId, steps: readonly RecordedStep[]): number | null =>
  toy === 'labels' ? expectedReward(steps.at(-1)?.outcomeLogps ?? [], labelRewards) : null;

function roleOf(outcome: number, gainer: number | undefined): 'chosen' | 'rejected' | 'gainer' | undefined {
  if (outcome === chosenToken) return 'chosen';
  if (outcome === rejectedToken) return 'rejected';
  return outcome === gainer ? 'gainer' : undefined;
}

/** Probabilities of the outcomes at the end of a run, beside those at its start; null where responses are several tokens. */
export function runBars(toy: ToyId, steps: readonly RecordedStep[]) {
  const gainer = toy === 'displacement' ? topGainer(steps) : undefined;
  return (
    outcomesOf(toy)?.map((token, outcome) => {
      const probability = steps.at(-1)?.probs?.[outcome] ?? Number.NaN;
      const reference = steps[0]?.probs?.[outcome] ?? Number.NaN;
      return {
        token,
        probability,
        reference,
        role: toy === 'displacement' ? roleOf(outcome, gainer) : undefined,
        probabilityText: percent(probability),
        referenceText: percent(reference),
        changeText: percentagePoints(probability - reference),
      };
    }) ?? null
  );
}
