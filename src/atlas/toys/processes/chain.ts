/**
 * A line of states with a goal at its right end that is never left. Each step before it is worth `step`, and reaching it `goal` besides,
 * at the same time as the step that does. Values, returns and regrets are discounted by γ.
 */
export interface ChainReward {
  readonly step: number;
  readonly goal: number;
}

export const [states, discount] = [6, 0.97] as const;
export const goalState = states - 1;
/** left, stay, right */
export const moves = [-1, 0, 1] as const;

export const moved = (state: number, move: number): number =>
  state === goalState ? state : Math.min(Math.max(state + move, 0), goalState);

/** What a walk is worth is linear in the two rewards: how many steps it has, and whether it reaches the goal, both discounted. */
export type Counts = readonly [steps: number, goals: number];

/** [state] chances of each move. */
export type MovePolicy = readonly (readonly number[])[];
export const uniformMoves: MovePolicy = Array.from({ length: states }, () => moves.map(() => 1 / moves.length));

export const worth = ([steps, goals]: Counts, { step, goal }: ChainReward): number => steps * step + goals * goal;

/** [state] what is expected from there on under a policy: its value is linear in the rewards as well. By repeated substitution. */
export function expectedCounts(policy: MovePolicy, rounds = 600): Counts[] {
  let counts: Counts[] = Array.from({ length: states }, () => [0, 0]);
  for (let round = 0; round < rounds; round++)
    counts = counts.map((_, state): Counts => {
      if (state === goalState) return [0, 0];
      let [steps, goals] = [1, 0];
      for (const [i, move] of moves.entries()) {
        const [next, chance] = [moved(state, move), policy[state]?.[i] ?? 0];
        const [later, reached] = counts[next] ?? [0, 0];
        steps += chance * discount * later;
        goals += chance * (next === goalState ? 1 : discount * reached);
      }
      return [steps, goals];
    });
  return counts;
}

/** [state] V* by value iteration. */
export function optimalValues(reward: ChainReward, rounds = 600): number[] {
  let values = new Array<number>(states).fill(0);
  for (let round = 0; round < rounds; round++)
    values = values.map((_, state) =>
      state === goalState ? 0 : Math.max(...moves.map((move) => actionValue(reward, values, state, move))),
    );
  return values;
}

const actionValue = ({ step, goal }: ChainReward, values: readonly number[], state: number, move: number): number => {
  const next = moved(state, move);
  return step + (next === goalState ? goal : discount * (values[next] ?? 0));
};

/** [state] the moves that are optimal, with equal chances; values within a billionth are one. */
export function optimalMoves(reward: ChainReward): MovePolicy {
  const values = optimalValues(reward);
  return values.map((_, state) => {
    const all = moves.map((move) => actionValue(reward, values, state, move));
    const best = all.map((value) => value > Math.max(...all) - 1e-9);
    const count = best.filter(Boolean).length;
    return best.map((is) => Number(is) / count);
  });
}

/** A walk's counts until it is over, or reaches the goal. */
export function countsOf(walk: readonly number[]): Counts {
  let [steps, goals] = [0, 0];
  for (let t = 1; t < walk.length; t++) {
    if (walk[t - 1] === goalState) break;
    steps += discount ** (t - 1);
    if (walk[t] === goalState) goals += discount ** (t - 1);
  }
  return [steps, goals];
}

/**
 * How much worse than V* a walk is, as counts: V(s_0) - (Σ γ^t r_t + γ^T V(s_T)), the regret of a deterministic walk (arXiv:2206.02231),
 * where `counts` are those of the policy that is taken to be optimal.
 */
export function regretCounts(walk: readonly number[], counts: readonly Counts[]): Counts {
  const [own, from, to] = [countsOf(walk), counts[walk[0] ?? 0] ?? [0, 0], counts[walk.at(-1) ?? 0] ?? [0, 0]];
  const left = discount ** (walk.length - 1);
  return [from[0] - own[0] - left * to[0], from[1] - own[1] - left * to[1]];
}
