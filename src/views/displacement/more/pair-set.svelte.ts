import { aloneExperiment, type PairSet, pairSet, togetherExperiment, updatesTogether } from '../../../atlas/toys/displacement/pair-set.ts';
import type { PairSetSettings } from '../../../atlas/toys/displacement/pair-set-settings.ts';
import type { PairDiagnosis, RunOptions } from '../../../core/experiment.ts';
import { messageOf } from '../../../core/message-of.ts';
import { mean } from '../../../core/numerics.ts';
import { rankCorrelation } from '../../../core/rank-correlation.ts';
import { RandomStream, streams } from '../../../core/rng.ts';
import { crossing, keptByScore } from '../../../data/pair-scores.ts';
import type { EngineCalls } from '../../../shell/engine/page-engine.ts';

/** What is known of a pair before training, and what training it alone does. */
export interface MeasuredPair {
  readonly index: number;
  readonly ches: number;
  readonly chesNormalised: number;
  readonly cosine: number;
  /** change of log π(chosen), trained alone, in nats */
  readonly change: number;
}
export type Score = 'ches' | 'chesNormalised' | 'cosine';

/** What is left when a share of the pairs is taken away: mean changes of log π(chosen), in nats. */
export interface Filtered {
  readonly share: number;
  readonly kept: number;
  /** trained without the pairs of highest score */
  readonly byScore: number;
  /** trained without as many pairs drawn at random */
  readonly atRandom: number;
  /** the pairs of low score, when all are trained */
  readonly untouched: number;
}

/** Mean change of log π(chosen) over all pairs, by weight of the SFT term. */
export interface SftWeights {
  readonly weights: readonly number[];
  readonly firstUpdate: readonly number[];
  readonly wholeRun: readonly number[];
  /** the weight above which the mean does not fall: by Proposition 1 at the start, and measured; null: it falls at none, or never */
  readonly formula: number;
  readonly measuredFirst: number | null;
  readonly measuredRun: number | null;
}

export const sftWeights = [0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12] as const;

/** The generated set: its pairs' CHES, what training does to them, and two remedies. Every number is the engine's. */
export class PairSetLab {
  #measured = $state.raw<readonly MeasuredPair[]>([]);
  #filtered = $state.raw<readonly Filtered[]>([]);
  #sft = $state.raw<SftWeights | null>(null);
  /** what goes on, and how far it is; null: nothing */
  #work = $state.raw<{ readonly name: string; readonly done: number | null } | null>(null);
  #problem = $state<string | null>(null);
  #score = $state<Score>('ches');
  #selected = $state<number | null>(null);

  readonly #settings: () => PairSetSettings;
  readonly #engine: () => EngineCalls | null;
  /** log-prob changes of all pairs trained together; made when a remedy first needs them */
  #together: readonly number[] | null = null;
  #abort: AbortController | null = null;

  readonly #set = $derived.by((): PairSet => pairSet(this.#settings()));
  readonly #correlation = $derived(
    rankCorrelation(
      this.#measured.map((pair) => pair[this.#score]),
      this.#measured.map(({ change }) => change),
    ),
  );

  constructor(settings: () => PairSetSettings, engine: () => EngineCalls | null) {
    this.#settings = settings;
    this.#engine = engine;
  }

  get set(): PairSet {
    return this.#set;
  }
  get measured(): readonly MeasuredPair[] {
    return this.#measured;
  }
  get filtered(): readonly Filtered[] {
    return this.#filtered;
  }
  get sft(): SftWeights | null {
    return this.#sft;
  }
  get work() {
    return this.#work;
  }
  get problem(): string | null {
    return this.#problem;
  }
  /** Spearman's correlation of the score with the measured change */
  get correlation(): number {
    return this.#correlation;
  }
  get score(): Score {
    return this.#score;
  }
  set score(score: Score) {
    this.#score = score;
    this.#filtered = [];
  }
  get selected(): number | null {
    return this.#selected;
  }
  select(index: number | null): void {
    this.#selected = index;
  }

  /** Other settings: nothing that was measured holds any more. */
  forget(): void {
    this.cancel();
    this.#measured = [];
    this.#filtered = [];
    this.#sft = null;
    this.#together = null;
    this.#selected = null;
  }

  cancel(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#work = null;
  }

  /** CHES of each pair, and what training it alone does. */
  measure(): Promise<void> {
    return this.#run('Gradients of the pairs', async (engine, options) => {
      const set = this.#set;
      const experiment = aloneExperiment(set);
      const diagnoses = await engine.diagnose(experiment);
      options.signal?.throwIfAborted();
      this.#work = { name: 'Each pair alone', done: 0 };
      const { chosenLogpChange } = await engine.sweep(
        {
          experiment,
          x: { path: 'pairs', values: set.pairs.map((pair) => [pair]) },
          y: { path: 'objective.params.lambda', values: [0] },
        },
        options,
      );
      this.#measured = diagnoses.map(({ ches, chesNormalised, cosine }, index) => ({
        index,
        ches: ches ?? Number.NaN,
        chesNormalised: chesNormalised ?? Number.NaN,
        cosine,
        change: chosenLogpChange[index] ?? Number.NaN,
      }));
    });
  }

  /** Trains the set without the given share of pairs, those of highest score; and without as many at random, to compare with. */
  filter(share: number): Promise<void> {
    return this.#run('Training the pairs that are kept', async (engine, options) => {
      const scores = this.#measured.map((pair) => pair[this.#score]);
      const kept = keptByScore(scores, share);
      const random = new RandomStream(this.#settings().seed, streams.sampling).permutation(scores.length).slice(0, kept.length);
      const changes = async (pairs: readonly number[]): Promise<number[]> => {
        const { steps } = await engine.train(togetherExperiment(this.#set, pairs), options);
        const [first, last] = [steps[0], steps.at(-1)];
        return (last?.chosenLogps ?? []).map((logp, index) => logp - (first?.chosenLogps[index] ?? Number.NaN));
      };
      const all = this.#together ?? (await changes(scores.map((_, index) => index)));
      this.#together = all;
      const filtered: Filtered = {
        share,
        kept: kept.length,
        byScore: kept.length === scores.length ? mean(all) : mean(await changes(kept)),
        atRandom: kept.length === scores.length ? mean(all) : mean(await changes(random)),
        untouched: mean(kept.map((index) => all[index] ?? Number.NaN)),
      };
      this.#filtered = [...this.#filtered.filter((one) => one.share !== share), filtered].sort((a, b) => a.share - b.share);
    });
  }

  /** What each weight of an SFT term does, in the first update and over the run, beside the threshold of Proposition 1. */
  sweepSft(): Promise<void> {
    return this.#run('Weights of the SFT term', async (engine, options) => {
      const experiment = togetherExperiment(
        this.#set,
        this.#set.pairs.map((_, index) => index),
      );
      const rate = (diagnoses: readonly PairDiagnosis[]): number => mean(diagnoses.map(({ chosenRate }) => chosenRate));
      // d/dt of the mean of log π(y_w): E under the loss, ‖∇ mean‖² under the SFT term alone.
      const own = rate(await engine.diagnose(experiment));
      const sft = rate(await engine.diagnose({ ...experiment, objective: { expression: '-logp_w' } }));
      options.signal?.throwIfAborted();
      const { chosenLogpChange } = await engine.sweep(
        {
          experiment,
          x: { path: 'objective.params.lambda', values: [...sftWeights] },
          y: { path: 'optimizer.steps', values: [1, updatesTogether] },
        },
        options,
      );
      const [firstUpdate, wholeRun] = [[...chosenLogpChange.slice(0, sftWeights.length)], [...chosenLogpChange.slice(sftWeights.length)]];
      this.#sft = {
        weights: sftWeights,
        firstUpdate,
        wholeRun,
        formula: -own / sft,
        measuredFirst: crossing(sftWeights, firstUpdate),
        measuredRun: crossing(sftWeights, wholeRun),
      };
    });
  }

  async #run(name: string, work: (engine: EngineCalls, options: RunOptions) => Promise<void>): Promise<void> {
    this.cancel();
    const engine = this.#engine();
    if (!engine) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#work = { name, done: null };
    this.#problem = null;
    try {
      await work(engine, {
        signal: abort.signal,
        onProgress: (done, total) => {
          if (this.#abort === abort) this.#work = { name: this.#work?.name ?? name, done: total > 0 ? done / total : null };
        },
      });
    } catch (error) {
      if (!abort.signal.aborted) this.#problem = messageOf(error);
    } finally {
      if (this.#abort === abort) {
        this.#work = null;
        this.#abort = null;
      }
    }
  }
}
