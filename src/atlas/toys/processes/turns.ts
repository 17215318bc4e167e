import { mean } from '../../../core/numerics.ts';
import { softmax } from '../../../core/softmax.ts';
import type { Draws } from '../draws.ts';

/** A conversation of a few turns: in each the user is in a state, the policy answers, and the user's next state is drawn. */
export interface Turns {
  readonly turns: number;
  readonly states: number;
  readonly actions: number;
  /** [turn][state][action][next state] chances */
  readonly next: readonly (readonly (readonly (readonly number[])[])[])[];
  /** [turn][state][action] */
  readonly rewards: readonly (readonly (readonly number[])[])[];
}

/** The place of a turn's state among the prompts of a policy for all turns. */
export const promptOf = ({ states }: Turns, turn: number, state: number): number => turn * states + state;

/** Sparse random transitions, and rewards whose deviation is that of their turn. */
export function drawTurns(draws: Draws, states: number, actions: number, deviations: readonly number[]): Turns {
  const each = <T>(make: () => T) => Array.from({ length: states }, () => Array.from({ length: actions }, make));
  return {
    turns: deviations.length,
    states,
    actions,
    next: deviations.map(() => each(() => softmax(draws.normals(states, 2.5)))),
    rewards: deviations.map((deviation) => each(() => deviation * draws.normal())),
  };
}

/** [prompt][action] chances. */
export type Chances = readonly (readonly number[])[];

/** Expected return of a policy from a first state that is drawn evenly, by backward induction. */
export function expectedReturn(process: Turns, policy: Chances): number {
  let values = new Array<number>(process.states).fill(0);
  for (let turn = process.turns - 1; turn >= 0; turn--)
    values = values.map((_, state) =>
      (policy[promptOf(process, turn, state)] ?? []).reduce((sum, chance, action) => {
        const later = (process.next[turn]?.[state]?.[action] ?? []).reduce((total, p, next) => total + p * (values[next] ?? 0), 0);
        return sum + chance * ((process.rewards[turn]?.[state]?.[action] ?? 0) + later);
      }, 0),
    );
  return mean(values);
}

const step = (process: Turns, turn: number, state: number, action: number, draws: Draws): number =>
  draws.categorical(process.next[turn]?.[state]?.[action] ?? []);
export const answer = (process: Turns, policy: Chances, turn: number, state: number, draws: Draws): number =>
  draws.categorical(policy[promptOf(process, turn, state)] ?? []);

/** The state at a turn of a conversation with this policy. */
export function reached(process: Turns, policy: Chances, turn: number, draws: Draws): number {
  let state = draws.below(process.states);
  for (let t = 0; t < turn; t++) state = step(process, t, state, answer(process, policy, t, state, draws), draws);
  return state;
}

/** Return from a turn on, of one conversation that goes on with this policy after an answer. */
export function rollout(process: Turns, policy: Chances, from: number, start: number, action: number, draws: Draws): number {
  let [total, state, given] = [0, start, action];
  for (let turn = from; turn < process.turns; turn++) {
    if (turn > from) given = answer(process, policy, turn, state, draws);
    total += process.rewards[turn]?.[state]?.[given] ?? 0;
    state = step(process, turn, state, given, draws);
  }
  return total;
}
