import type { Moment } from './moment.ts';

/** `starting`: no engine yet, a preview is shown; `failed`: the run cannot go on, `problem` says why. */
export type Status = 'starting' | 'playing' | 'paused' | 'finished' | 'failed';

/** What the playback bar needs of a run: its states so far, the one shown, and the keys of a player. */
export interface Playback {
  readonly status: Status;
  /** every state so far; the index is the step */
  readonly steps: readonly unknown[];
  readonly shown: { readonly step: number };
  /** `steps`: updates of the whole run */
  readonly settings: { readonly steps: number };
  /** what happens in the run; marked on the timeline */
  readonly moments: readonly Moment[];
  /** updates a second */
  readonly speed: number;
  setSpeed(speed: number): void;
  play(): void;
  pause(): void;
  stepOnce(): void;
  reset(): void;
  /** goes back to an update, from which on changed settings hold; only of runs that can fork */
  fork?(at: number): void;
  /** shows a step, and stops playing */
  pin(step: number): void;
}
