import type { Experiment, Group } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { softmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Outcome, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, weightsOf } from '../toys/scorer.ts';
import { startedAt } from '../toys/started-scorer.ts';

const [experts, points, rounds, active] = [8, 100, 12, 2];
/** Two numbers, and 1. */
const inputs = 3;

interface Truth {
  readonly rows: number[][];
  readonly targets: number[];
  /** [expert][input] weights of the gate's logits, and of each expert’s prediction, before anything */
  readonly gate: number[][];
  readonly start: number[][];
}

const gateOf = ({ final }: Outcome): number[][] => {
  const flat = Array.from(final['unembedding'] ?? []);
  return Array.from({ length: experts }, (_, e) => flat.slice(e * inputs, (e + 1) * inputs));
};
const chancesOf = (gate: readonly (readonly number[])[], row: readonly number[]): number[] => softmax(gate.map((w) => dot(w, row)));

/** [expert] share of all assignments: each point is given to the few experts that the gate finds most probable. */
function loadOf(chances: readonly (readonly number[])[]): number[] {
  const load = new Array<number>(experts).fill(0);
  for (const row of chances)
    for (const e of [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0)).slice(0, active))
      load[e] = (load[e] ?? 0) + 1 / (active * chances.length);
  return load;
}

/**
 * A round: the gate is a policy over experts, rewarded at each point with minus the expert's squared error and minus λ E times its load;
 * each expert is fitted to all points, each counting as much as the gate gives it. Both move at what the other was before the round.
 */
const round =
  (isBalanced: boolean): Stage<Truth> =>
  ({ truth: { rows, targets, gate, start }, values: { lambda = 0 } }, before) => {
    const [first, ...others] = before;
    const present = first ? gateOf(first) : gate;
    const weights = others.length > 0 ? others.map(weightsOf) : start;
    const chances = rows.map((row) => chancesOf(present, row));
    const load = loadOf(chances);
    const price = isBalanced ? lambda * experts : 0;
    const gating: Experiment = {
      policy: { kind: 'features', hidden: rows, unembedding: present, train: 'unembedding' },
      pairs: [],
      groups: rows.map(
        (row, prompt): Group => ({
          prompt,
          responses: [...weights.keys()],
          rewards: weights.map((w, e) => -((dot(w, row) - (targets[prompt] ?? 0)) ** 2) - price * (load[e] ?? 0)),
        }),
      ),
      objective: { expression: '-exp(logp_i) * reward_i' },
      optimizer: { kind: 'adam', learningRate: 0.06, steps: 8 },
    };
    const fits = weights.map((w, e): Experiment => {
      const fit = fitScorer(rows, {
        weights: chances.map((row) => row[e] ?? 0),
        objective: { expression: 'square(logp_w - logp_l - reward_gap)' },
      });
      const pairs = fit.pairs.map((pair, i) => ({ ...pair, rewards: [targets[i] ?? 0, 0] as [number, number] }));
      return { ...startedAt(fit, w), pairs, optimizer: { kind: 'sgd', learningRate: 0.1, steps: 10 } };
    });
    return [gating, ...fits];
  };
const arm = (label: string, isBalanced: boolean) => ({
  label,
  train: round(isBalanced),
  next: Array.from({ length: rounds - 1 }, () => round(isBalanced)),
});

/** [point][expert] chances that the gate ended with. */
const finalChances = ({ trial, truth: { rows } }: Run<Truth>): number[][] => rows.map((row) => chancesOf(gateOf(trial), row));

export const study = defineStudy<Truth>()({
  id: '08-expert-load',
  finding: 'A price on load keeps more experts busy',
  mechanism:
    'The paper scales up a diffusion transformer of which each token uses a few experts. The “preference” of its abstract is the router’s: which expert is chosen where. Nothing is learned from comparisons.',
  setup:
    'Eight linear experts, 100 points in a plane with a target that jumps across two lines, and a gate that begins with one expert far ahead. The gate is trained as a policy over experts, with the balance loss or without; every expert is fitted to all points, as much as the gate gives it each, and only the load counts the two most probable.',
  headline: '16.5 billion parameters; an FID-50K of 1.80 at 512 × 512.',
  leavesOut:
    'An analogy, and out of scope: there is no objective of preferences, so there is no claim. Here the gate and the experts are trained apart, both at once, for twelve rounds, and λ is 0.1, where the released code has 0.01. There is no image, no diffusion, and no expert that all share.',
  tex: '\\mathcal L=\\mathcal L_{\\mathrm{task}}+\\lambda E\\sum_ef_eP_e',
  parameters: {
    lambda: { label: 'Weight of the balance loss', symbol: '\\lambda', min: 0, max: 2, default: 0.1 },
    lead: { label: 'Lead of one expert’s logit', symbol: 'b', min: 0, max: 5, default: 2 },
  },
  toy: (seed, { lead }) => {
    const draws = new Draws(seed);
    const rows = draws.normalRows(points, 2).map((row) => [...row, 1]);
    const gate = draws.normalRows(experts, inputs, 0.3).map(([a = 0, b = 0, c = 0], e) => [a, b, c + (e === 0 ? lead : 0)]);
    const truth: Truth = {
      rows,
      targets: rows.map(([a = 0, b = 0]) => Math.sign(a) * b + (b > 1 ? 0.9 : 0)),
      gate,
      start: draws.normalRows(experts, inputs, 0.3),
    };
    const [experiment] = [
      {
        policy: { kind: 'features' as const, hidden: rows, unembedding: gate, train: 'unembedding' as const },
        pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
        objective: { name: 'sft' },
        optimizer: { kind: 'sgd' as const, learningRate: 0, steps: 0 },
      },
    ];
    return { experiment, truth };
  },
  arms: { balanced: arm('With the balance loss', true), free: arm('Without it', false) },
  measures: {
    spread: {
      label: 'entropy of the experts’ load',
      unit: 'nats',
      of: (run) => loadOf(finalChances(run)).reduce((sum, share) => sum - (share > 0 ? share * Math.log(share) : 0), 0),
    },
    error: {
      label: 'squared error, as the gate mixes the experts',
      of: (run) => {
        const weights = run.trials.slice(1).map(weightsOf);
        return mean(
          finalChances(run).map((row, i) => {
            const told = weights.reduce((sum, w, e) => sum + (row[e] ?? 0) * dot(w, run.truth.rows[i] ?? []), 0);
            return (told - (run.truth.targets[i] ?? 0)) ** 2;
          }),
        );
      },
    },
  },
  plot: { kind: 'law', y: 'spread', over: 'lambda', at: [0, 0.01, 0.1, 0.5, 1] },
  claims: [],
  seeds: { page: 8, test: 2 },
});
