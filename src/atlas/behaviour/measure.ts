import type { Experiment, Trajectory } from '../../core/experiment.ts';
import { type CatalogueEntry, catalogue, nameOf } from '../../objectives/whole-catalogue.ts';
import type { Engine } from '../../train/engine.ts';
import { isFiniteStep } from '../../train/finite-step.ts';
import { chosenToken, defaultSettings, noOverNever, rejectedToken, toyStart, toyVectors } from '../toys/displacement/no-over-never.ts';
import { type Behaviour, type RunBehaviour, settings } from './behaviour.ts';

/** One objective of the catalogue. */
export interface Measurable {
  /** 'pair/dpo' or 'group/rloo' */
  readonly name: string;
  readonly of: 'pair' | 'group';
  readonly objective: CatalogueEntry;
}

/** Every objective. */
export const measurables: readonly Measurable[] = catalogue.map((objective) => {
  const of = objective.over === 'pairs' ? 'pair' : 'group';
  return { name: `${of}/${objective.id}`, of, objective };
});

/** The loss and the values of its parameters: what a measurement holds for. */
export const measuredLoss = ({ objective: { text, parameters } }: Measurable): string =>
  [text, ...Object.entries(parameters).map(([name, { default: value }]) => `${name} = ${value}`)].join('; ');

/** The toy with this objective. */
const experimentOf = ({ objective }: Measurable, learningRate: number, steps: number): Experiment =>
  noOverNever({ ...defaultSettings, objective: { name: nameOf(objective) }, learningRate, steps });

/** The same policy with a logit for each answer. */
function withFreeLogits(experiment: Experiment): Experiment {
  const [hidden, rows] = [toyVectors.hidden, toyVectors.unembedding];
  const logits = rows.map((row) => row.reduce((sum, value, k) => sum + value * (hidden[k] ?? 0), 0));
  return { ...experiment, policy: { kind: 'tabular', logits: [logits] } };
}

/**
 * The forces at the reference, from one update of free logits at rate 1: an answer outside the pair moves by −π (d_w − d_l), the chosen
 * one by d_w − π_w (d_w − d_l).
 */
async function forcesAtReference(engine: Engine, measurable: Measurable): Promise<{ chosen: number; rejected: number }> {
  const experiment = withFreeLogits(experimentOf(measurable, 1, 1));
  const { steps, final } = await engine.train(experiment);
  const before = experiment.policy.kind === 'tabular' ? (experiment.policy.logits[0] ?? []) : [];
  const moved = before.map((logit, token) => (final['logits']?.[token] ?? Number.NaN) - logit);
  const probs = steps[0]?.probs ?? [];
  const at = (values: readonly number[], token: number): number => values[token] ?? Number.NaN;
  const other = before.findIndex((_, token) => token !== chosenToken && token !== rejectedToken);
  const difference = -at(moved, other) / at(probs, other);
  const chosen = at(moved, chosenToken) + at(probs, chosenToken) * difference;
  const rejected = -at(moved, rejectedToken) - at(probs, rejectedToken) * difference;
  return { chosen: tidy(chosen), rejected: tidy(rejected) };
}

/** Digits that do not hang on how a platform rounds its exponentials. */
const tidy = (value: number): number => (Math.abs(value) < 1e-9 ? 0 : Number(value.toPrecision(5)));

/**
 * The power of ten at which the first update pushes neither answer harder than DPO does in the toy, at rate 1: losses differ by orders of
 * magnitude in their slope. 1 for a loss that does not push there at all.
 */
export function learningRateFor(chosenForce: number, rejectedForce: number): number {
  const dpoForce = 0.05;
  const own = Math.max(Math.abs(chosenForce), Math.abs(rejectedForce));
  if (own === 0) return 1;
  return Number((10 ** Math.floor(Math.log10(dpoForce / own) + 1e-9)).toPrecision(1));
}

function summary({ steps }: Trajectory): RunBehaviour {
  const bad = steps.findIndex((step) => !isFiniteStep(step));
  const finite = bad < 0 ? steps : steps.slice(0, bad);
  const chosen = finite.map(({ probs }) => probs?.[chosenToken] ?? Number.NaN);
  const { chosen: refChosen, rejected: refRejected } = toyStart(toyVectors);
  const margins = finite.map(({ outcomeLogps }) => {
    const [w, l] = [outcomeLogps?.[chosenToken], outcomeLogps?.[rejectedToken]];
    return (w ?? Number.NaN) - refChosen - ((l ?? Number.NaN) - refRejected);
  });
  const lowest = chosen.reduce((least, p) => Math.min(least, p), Number.POSITIVE_INFINITY);
  const last = finite.at(-1)?.probs ?? [];
  const [margin, half] = [margins.at(-1) ?? Number.NaN, margins[Math.floor(margins.length / 2)] ?? Number.NaN];
  const at = (update: number): number => tidy(chosen[Math.min(update, chosen.length - 1)] ?? Number.NaN);
  return {
    start: at(0),
    after: at(settings.updates),
    lowest: tidy(lowest),
    // rounding noise of a run that rests is no new lowest
    lowestAt: chosen.findIndex((p) => p <= lowest + 1e-9),
    end: at(settings.longUpdates),
    leader: last.indexOf(Math.max(...last)),
    margin: tidy(margin),
    drift: tidy(margin - half),
    diverged: bad < 0 ? null : bad,
  };
}

/** Trains both toys with the objective, parameters by default. The engine must be that of the CPU: float64. */
export async function measureBehaviour(engine: Engine, measurable: Measurable): Promise<Behaviour> {
  const force = await forcesAtReference(engine, measurable);
  const learningRate = learningRateFor(force.chosen, force.rejected);
  const experiment = experimentOf(measurable, learningRate, settings.longUpdates);
  return {
    objective: measurable.name,
    loss: measuredLoss(measurable),
    chosenForce: force.chosen,
    rejectedForce: force.rejected,
    learningRate,
    shared: summary(await engine.train(experiment)),
    free: summary(await engine.train(withFreeLogits(experiment))),
  };
}
