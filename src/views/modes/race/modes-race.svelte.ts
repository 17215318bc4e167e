import { type Contestant, type ContestantId, findContestant, raceExperiment } from '../../../atlas/toys/modes/race.ts';
import { bestOfN } from '../../../core/exact.ts';
import { mean } from '../../../core/numerics.ts';
import type { OnPolicyRound } from '../../../core/on-policy.ts';
import type { EngineCalls } from '../../../shell/engine/page-engine.ts';
import type { Turns } from '../../../shell/engine/turns.ts';
import { Race } from '../../../shell/runs/race.svelte.ts';
import { type Bandit, banditOf, type ModesSettings, type PolicyNumbers, policyNumbers } from '../modes.ts';

interface Job {
  readonly id: ContestantId;
  readonly seed: number;
  readonly key: string;
}
type Run = readonly OnPolicyRound[];

/** A contestant's runs so far. */
export interface Lane {
  readonly contestant: Contestant;
  /** one for each seed that has been run */
  readonly runs: readonly Run[];
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

/** Seed by seed, so that every contestant is on the chart early. */
function jobsOf({ race, reward, reference, data }: ModesSettings): Job[] {
  const { n, rounds, learningRate, threshold, sampling } = race;
  // data that others made changes nothing for those who make their own
  const sceneOf = (id: ContestantId): string => {
    const { source, family } = findContestant(id);
    const apart = family === 'dpo' || family === 'ipo' ? threshold : 0; // nobody else compares pairs
    return JSON.stringify([reward, reference, ...(source === 'start' ? [data, sampling] : ['own']), n, rounds, learningRate, apart]);
  };
  return Array.from({ length: race.seeds }, (_, seed) =>
    race.contestants.map((id): Job => ({ id, seed: seed + 1, key: `${id} ${seed + 1} ${sceneOf(id)}` })),
  ).flat();
}

/** The race of algorithms on the reader's bandit, run by run. */
export class RaceLab extends Race<Job, Run> {
  readonly #settings: () => ModesSettings;
  readonly #engine: () => EngineCalls | null;
  /** share of the present run that is done */
  #part = $state(0);
  /** the round that the table shows; null: the last */
  #round = $state<number | null>(null);

  readonly #bandit = $derived.by((): Bandit => {
    const { reward, reference, start, data, beta } = this.#settings();
    return banditOf({ reward, reference, start, data, beta });
  });
  readonly #lanes = $derived.by((): readonly Lane[] =>
    this.#settings().race.contestants.map((id) => ({
      contestant: findContestant(id),
      runs: this.jobs.flatMap((job) => {
        const run = job.id === id ? this.resultOf(job) : undefined;
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
    super(turns, 400);
    this.#settings = settings;
    this.#engine = engine;
  }

  protected wanted(): readonly Job[] {
    return jobsOf(this.#settings());
  }
  protected canRun(): boolean {
    return this.#engine() !== null;
  }
  protected async train(
    [job]: readonly [Job, ...Job[]],
    keep: (results: readonly (readonly [Job, Run])[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { id, seed } = job;
    const run = await this.#engine()?.trainOnPolicy(raceExperiment(id, seed, this.#settings().race, this.#bandit), {
      signal,
      onProgress: (done, total) => {
        this.#part = done / total;
      },
    });
    this.#part = 0;
    if (run) keep([[job, run.rounds]]);
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
  /** runs done, the part of the present one counted in */
  get progress(): number {
    return this.done + this.#present;
  }
  /** mean time of the runs so far, measured; null before the first */
  get secondsARun(): number | null {
    return this.perRun === null ? null : this.perRun / 1000;
  }
  /** how long the missing runs will take if they take as long as those before; null where nothing was measured yet */
  get secondsLeft(): number | null {
    return this.secondsARun === null ? null : this.secondsARun * Math.max(0, this.total - this.done - this.#present);
  }
  get #present(): number {
    return this.status === 'running' ? this.#part : 0;
  }
  /** the round that the table shows */
  get shownRound(): number {
    return this.#shownRound;
  }
  pin(round: number): void {
    this.#round = round >= this.#settings().race.rounds ? null : round;
  }
}
