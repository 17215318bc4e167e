import type { PairDiagnosis } from '../../core/experiment.ts';
import { type CheckedWork, hasNoNumber, latestStep, suspectOf, type Twin } from './checked-work.ts';
import { logpsOf } from './engine-comparison.ts';
import type { Suspect } from './suspect-trial.ts';

type OfKind<Kind extends CheckedWork['kind']> = Extract<CheckedWork, { kind: Kind }>;
/** How each kind of work is done again as far as something looks wrong; null where nothing does. */
const suspects: { readonly [Kind in CheckedWork['kind']]: (work: OfKind<Kind>, openTwin: () => Promise<Twin>) => Promise<Suspect | null> } =
  {
    async run(work, openTwin) {
      const step = suspectOf([work.step]);
      if (!step) return null;
      const run = await (await openTwin()).startRun(work.experiment);
      const [again] = await run.advance(step.step, [step.step]).finally(() => run.dispose());
      return again ? { actual: logpsOf(step), expected: logpsOf(again), where: `step ${step.step}` } : null;
    },

    async descent({ experiment, steps }, openTwin) {
      const at = steps.find(({ step, outcomeLogps }) => step <= latestStep && hasNoNumber(outcomeLogps));
      if (!at) return null;
      const optimizer = { ...experiment.optimizer, steps: Math.max(1, at.step) };
      const repeated = await (await openTwin()).matchTarget({ ...experiment, optimizer, record: [at.step] });
      const again = repeated.steps.find(({ step }) => step === at.step);
      return again ? { actual: at.outcomeLogps, expected: again.outcomeLogps, where: `step ${at.step}` } : null;
    },

    async sweep({ sweep, result }, openTwin) {
      // Some runs of a map diverge on every engine; where all have, one of them is done again.
      if (result.runs === 0 || result.finished.some((runs, cell) => runs !== result.diverged[cell])) return null;
      if (sweep.experiment.optimizer.steps > latestStep) return null;
      const { resume: _, perSeed: __, ...plain } = sweep;
      const first = (axis: typeof sweep.x) => ({ ...axis, values: axis.values.slice(0, 1) });
      const again = await (await openTwin()).sweep({ ...plain, seeds: 1, x: first(sweep.x), y: first(sweep.y) });
      return {
        actual: [Number.NaN],
        expected: again.diverged[0] ? [Number.NaN] : again.chosenLogpChange,
        where: 'the first run of the map',
      };
    },

    trials: async (work, openTwin) => (await import('./suspect-trial.ts')).suspectTrial(work, latestStep, openTwin),

    async rounds({ experiment, rounds }, openTwin) {
      const at = rounds.find(({ updates, outcomeLogps }) => updates <= latestStep && hasNoNumber(outcomeLogps));
      if (!at) return null;
      const sampling = { ...experiment.sampling, rounds: Math.max(1, at.round) };
      const again = (await (await openTwin()).trainOnPolicy({ ...experiment, sampling })).rounds[at.round];
      return again ? { actual: at.outcomeLogps, expected: again.outcomeLogps, where: `round ${at.round}` } : null;
    },

    async flow({ experiment, lines }, openTwin) {
      // Single lines end where the objective has no finite slope, and rounding decides where; where all do, the first is done again.
      const { starts } = lines;
      const bad = lines.chosenRate.findIndex((rate, point) => point % starts === 0 && !Number.isFinite(rate)) / starts;
      if (bad < 0 || bad > latestStep) return null;
      const ended = lines.chosenRate.subarray(bad * starts, (bad + 1) * starts);
      if (ended.some(Number.isFinite)) return null;
      const tokens = experiment.starts.length / starts;
      const again = await (await openTwin()).flow({ ...experiment, starts: Array.from(experiment.starts).slice(0, tokens), steps: bad });
      return { actual: [Number.NaN], expected: again.chosenRate.slice(bad), where: `point ${bad} of the first line` };
    },

    async diagnosis({ experiment, parameters, pairs }, openTwin) {
      // A cosine is NaN where a gradient vanishes: it is left out.
      const numbers = (all: readonly PairDiagnosis[]) =>
        all.flatMap((one) => [one.chosenGradNormSq, one.rejectedGradNormSq, one.innerProduct, one.chosenRate, one.rejectedRate]);
      const actual = numbers(pairs);
      if (!hasNoNumber(actual)) return null;
      return { actual, expected: numbers(await (await openTwin()).diagnose(experiment, parameters)), where: 'the gradients of the pairs' };
    },
  };

/** What looks wrong in a work of the GPU's, with the CPU engine's numbers for it; null where nothing does. Rejects as that engine does. */
export function suspectIn(work: CheckedWork, openTwin: () => Promise<Twin>): Promise<Suspect | null> {
  return (suspects[work.kind] as (work: CheckedWork, openTwin: () => Promise<Twin>) => Promise<Suspect | null>)(work, openTwin);
}
