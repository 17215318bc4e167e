import { bestOfN } from '../../../core/exact.ts';
import { messageOf } from '../../../core/message-of.ts';
import { mean } from '../../../core/numerics.ts';
import type { OnPolicyRound } from '../../../core/on-policy.ts';
import type { EngineCalls } from '../../../shell/engine/page-engine.ts';
import type { Turns } from '../../../shell/engine/turns.ts';
import { type Bandit, banditOf, type ModesSettings, type PolicyNumbers, policyNumbers } from '../modes.ts';
import { type Contestant, type ContestantId, findContestant, raceExperiment } from './race.ts';

/** `cancelled`: given up by the reader; what was run stays, and the rest can be run later. */
export type RaceStatus = 'idle' | 'running' | 'cancelled' | 'failed' | 'finished';

interface Job {
  readonly id: ContestantId;
  readonly seed: number;
  readonly key: string;
}

/** A contestant's runs so far. */
export interface Lane {
  readonly contestant: Contestant;
  /** one for each seed that has been run */
  readonly runs: readonly (readonly OnPolicyRound[])[];
}

/** What the table says of a contestant after some round: means over its seeds, and how far they are apart. */
export interface Standing extends Pick<PolicyNumbers, 'expectedReward' | 'klToReference' | 'entropy' | 'width' | 'covered'> {
  readonly contestant: Contestant;
  readonly seeds: number;
  readonly lowest: number;
  readonly highest: number;
  /** mean of the seeds' probabilities over the bins */
  readonly probs: readonly number[];
}

/** Results that are kept: enough to undo a few changes without training again. */
const mostKept = 400;

/** The race of algorithms on the reader's bandit, run by run; results are kept by what was run, so only what is missing is trained. */
export class RaceLab {
  #results = $state.raw<ReadonlyMap<string, readonly OnPolicyRound[]>>(new Map());
  #isRunning = $state(false);
  #wasCancelled = $state(false);
  #problem = $state<string | null>(null);
  /** share of the present run that is done */
  #part = $state(0);
  #secondsARun = $state<number | null>(null);
  /** the round that the table shows; null: the last */
  #round = $state<number | null>(null);
  #abort: AbortController | null = null;

  readonly #settings: () => ModesSettings;
  readonly #engine: () => EngineCalls | null;
  readonly #turns: Turns;

  readonly #bandit = $derived.by((): Bandit => {
    const { reward, reference, start, data, beta } = this.#settings();
    return banditOf({ reward, reference, start, data, beta });
  });
  readonly #jobs = $derived.by((): readonly Job[] => {
    const { race, reward, reference, data } = this.#settings();
    const { n, rounds, learningRate, threshold, sampling } = race;
    // data that others made changes nothing for those who make their own
    const sceneOf = (id: ContestantId): string => {
      const { source, family } = findContestant(id);
      const apart = family === 'dpo' || family === 'ipo' ? threshold : 0; // nobody else compares pairs
      return JSON.stringify([reward, reference, ...(source === 'start' ? [data, sampling] : ['own']), n, rounds, learningRate, apart]);
    };
    // Seed by seed, so that every contestant is on the chart early.
    return Array.from({ length: race.seeds }, (_, seed) =>
      race.contestants.map((id): Job => ({ id, seed: seed + 1, key: `${id} ${seed + 1} ${sceneOf(id)}` })),
    ).flat();
  });
  readonly #missing = $derived(this.#jobs.filter(({ key }) => !this.#results.has(key)));
  readonly #lanes = $derived.by((): readonly Lane[] =>
    this.#settings().race.contestants.map((id) => ({
      contestant: findContestant(id),
      runs: this.#jobs.flatMap((job) => {
        const run = job.id === id ? this.#results.get(job.key) : undefined;
        return run ? [run] : [];
      }),
    })),
  );
  readonly #shownRound = $derived.by(() => Math.min(this.#round ?? Number.POSITIVE_INFINITY, this.#settings().race.rounds));
  readonly #standings = $derived.by((): readonly Standing[] =>
    this.#lanes.flatMap(({ contestant, runs }) => {
      const rounds = runs.flatMap((run) => run[this.#shownRound] ?? []);
      if (rounds.length === 0) return [];
      const numbers = rounds.map(({ outcomeLogps }) => policyNumbers(outcomeLogps, this.#bandit));
      const over = (key: keyof PolicyNumbers): number => mean(numbers.map((each) => each[key]));
      const rewards = rounds.map(({ expectedReward }) => expectedReward);
      return {
        contestant,
        seeds: rounds.length,
        expectedReward: mean(rewards),
        lowest: Math.min(...rewards),
        highest: Math.max(...rewards),
        klToReference: over('klToReference'),
        entropy: over('entropy'),
        width: over('width'),
        covered: over('covered'),
        probs: this.#bandit.reference.map((_, y) => mean(rounds.map(({ outcomeLogps }) => Math.exp(outcomeLogps[y] ?? Number.NaN)))),
      };
    }),
  );
  readonly #bestOfN = $derived.by(() => {
    const { data, rewards } = this.#bandit;
    return bestOfN(data, rewards, this.#settings().race.n).reduce((sum, p, y) => sum + p * (rewards[y] ?? 0), 0);
  });

  constructor(settings: () => ModesSettings, engine: () => EngineCalls | null, turns: Turns) {
    this.#settings = settings;
    this.#engine = engine;
    this.#turns = turns;
  }

  get status(): RaceStatus {
    if (this.#isRunning) return 'running';
    if (this.#problem !== null) return 'failed';
    if (this.total > 0 && this.#missing.length === 0) return 'finished';
    return this.#wasCancelled && this.done > 0 ? 'cancelled' : 'idle';
  }
  get problem(): string | null {
    return this.#problem;
  }
  get lanes(): readonly Lane[] {
    return this.#lanes;
  }
  get standings(): readonly Standing[] {
    return this.#standings;
  }
  get bandit(): Bandit {
    return this.#bandit;
  }
  /** expected reward of the best of N draws from the law of the offline data, exactly */
  get bestOfN(): number {
    return this.#bestOfN;
  }
  /** runs of the present settings */
  get total(): number {
    return this.#jobs.length;
  }
  /** of them, those that have been run */
  get done(): number {
    return this.#jobs.length - this.#missing.length;
  }
  /** runs done, the part of the present one counted in */
  get progress(): number {
    return this.done + (this.#isRunning ? this.#part : 0);
  }
  /** mean time of the runs so far, measured; null before the first */
  get secondsARun(): number | null {
    return this.#secondsARun;
  }
  /** how long the missing runs will take if they take as long as those before; null where nothing was measured yet */
  get secondsLeft(): number | null {
    return this.#secondsARun === null ? null : this.#secondsARun * Math.max(0, this.#missing.length - (this.#isRunning ? this.#part : 0));
  }
  /** the round that the table shows */
  get shownRound(): number {
    return this.#shownRound;
  }
  pin(round: number): void {
    this.#round = round >= this.#settings().race.rounds ? null : round;
  }

  cancel(): void {
    if (!this.#isRunning) return;
    this.#wasCancelled = true;
    this.#abort?.abort();
  }

  /** Runs what the present settings still miss. Settings that change meanwhile are followed. */
  async start(): Promise<void> {
    const engine = this.#engine();
    if (!engine || this.#isRunning) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#isRunning = true;
    this.#wasCancelled = false;
    this.#problem = null;
    let runs = 0;
    let seconds = 0;
    try {
      for (let job = this.#missing[0]; job; job = this.#missing[0]) {
        const { id, seed, key } = job;
        const experiment = raceExperiment(id, seed, this.#settings().race, this.#bandit);
        this.#part = 0;
        const rounds = await this.#turns.take(async () => {
          abort.signal.throwIfAborted();
          const began = performance.now();
          const run = await engine.trainOnPolicy(experiment, {
            signal: abort.signal,
            onProgress: (done, total) => {
              this.#part = done / total;
            },
          });
          seconds += (performance.now() - began) / 1000;
          return run.rounds;
        });
        this.#secondsARun = seconds / ++runs;
        this.#part = 0;
        this.#results = new Map([...this.#results, [key, rounds] as const].slice(-mostKept));
      }
    } catch (error) {
      if (!abort.signal.aborted) this.#problem = messageOf(error);
    } finally {
      if (this.#abort === abort) this.#isRunning = false;
    }
  }
}
