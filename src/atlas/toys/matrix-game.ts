import { expectedReward, klDivergence } from '../../core/exact.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { logSoftmax } from '../../core/softmax.ts';
import type { Draws } from './draws.ts';

/** Two players choose responses; preferences are skew-symmetric about ½. */
export interface MatrixGame {
  /** [i][j] P(i ≻ j) = 1 - P(j ≻ i) */
  readonly preferences: number[][];
  /** logits of the policy that both are held to by β KL */
  readonly reference: number[];
}

/** A circle on which each response beats those up to half a turn behind it: ½ + 0.45 sin of the angle, with noise. */
export function cyclicGame(draws: Draws, actions: number, noise: number): MatrixGame {
  const preferences = Array.from({ length: actions }, () => new Array<number>(actions).fill(0.5));
  for (let i = 0; i < actions; i++)
    for (let j = 0; j < i; j++) {
      const p = Math.min(1, Math.max(0, 0.5 + 0.45 * Math.sin((2 * Math.PI * (i - j)) / actions) + noise * draws.normal()));
      (preferences[i] as number[])[j] = p;
      (preferences[j] as number[])[i] = 1 - p;
    }
  return { preferences, reference: draws.normals(actions) };
}

/** [i] how often response i is preferred to what an opponent with these logits answers. */
export const winRates = ({ preferences }: MatrixGame, opponent: readonly number[]): number[] =>
  preferences.map((row) => expectedReward(logSoftmax(opponent), row));

export interface GameStep {
  readonly beta: number;
  /** η: the logits move by ηβ of the way to log π_ref + P π' / β */
  readonly rate: number;
}

/**
 * One update of self-play, θ ← θ - ηβ (θ - θ_ref - P π' / β), up to a constant of all logits: the gradient of online IPO, which regresses
 * all differences of log-ratios on those of the win rates against π' (arXiv:2503.08942, as in its released code). Logits are relative to
 * θ_ref, which the loss does not read.
 */
export function selfPlay(game: MatrixGame, logits: readonly number[], opponent: readonly number[], { beta, rate }: GameStep): Experiment {
  const { reference } = game;
  const wins = winRates(game, opponent);
  const target = reference.map((value, y) => value + (wins[y] ?? 0) / beta);
  const pairs = logits.flatMap((_, rejected) =>
    Array.from(
      { length: rejected },
      (__, chosen): Pair => ({ prompt: 0, chosen, rejected, rewards: [target[chosen] ?? 0, target[rejected] ?? 0] }),
    ),
  );
  // The mean of squares over n (n - 1) / 2 differences pulls each logit by 4 / (n - 1) of what it is off by.
  return {
    policy: { kind: 'tabular', logits: [[...logits]] },
    pairs,
    objective: { expression: 'square(logp_w - logp_l - reward_gap)' },
    optimizer: { kind: 'sgd', learningRate: (rate * beta * (logits.length - 1)) / 4, steps: 1 },
  };
}

/**
 * How much the best responses to a policy and of its opponent gain together, in the game with β KL to the reference: 0 at the
 * equilibrium alone. The best response to π is π_ref e^{P π / β}.
 */
export function dualityGap(game: MatrixGame, logits: readonly number[], beta: number): number {
  const [policy, reference] = [logSoftmax(logits), logSoftmax(game.reference)];
  const wins = winRates(game, logits);
  const best = logSoftmax(game.reference.map((value, y) => value + (wins[y] ?? 0) / beta));
  const value = (player: readonly number[]) => expectedReward(player, wins) - beta * klDivergence(player, reference);
  // By symmetry both gain the same, and a policy wins half of the time against itself.
  return 2 * (value(best) - value(policy));
}
