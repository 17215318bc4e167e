import type { RecordedStep } from '../core/experiment.ts';
import { messageOf } from '../core/message-of.ts';
import {
  type BigramHyperparameters,
  bigramExperiment,
  type TokenisedPairs,
  type TokenLimits,
  tokenisePairs,
} from '../data/bigram-experiment.ts';
import { type ParsedPairs, parsePreferencePairs } from '../data/parse-preference-pairs.ts';
import { samplePairsJsonl } from '../data/sample-pairs.ts';
import { countContexts, meanWordProbabilities, type StepSummary, summariseStep, type WordChange, wordChanges } from '../data/summary.ts';
import { UNKNOWN_WORD } from '../data/vocabulary.ts';
import type { PageEngine } from './page-engine.ts';
import type { Range } from './settings.ts';

/** `idle`: nothing was trained yet; `cancelled`: given up by the reader, what was computed stays on the page. */
export type PairsStatus = 'idle' | 'starting' | 'training' | 'paused' | 'finished' | 'cancelled' | 'failed';

export interface PairsLimits extends TokenLimits {
  /** pairs used, from the beginning of the file */
  maxPairs: number;
}

export interface PairsSettings extends PairsLimits, BigramHyperparameters {}

/** Pairs that were opened, and where they are from. */
export interface PairsSource extends ParsedPairs {
  readonly name: string;
}

/** One step of the run, and the probability of each word at it, averaged over the positions of the responses. */
export interface PairsStep extends StepSummary {
  /** [V] */
  readonly wordProbabilities: Float64Array;
}

/** Largest change first. */
export interface PairsWordChanges {
  readonly gained: readonly WordChange[];
  readonly lost: readonly WordChange[];
  /** all words that were not kept, taken together */
  readonly unknown: WordChange;
}

/** What a run was started with. */
interface Trained {
  readonly source: PairsSource;
  readonly settings: PairsSettings;
  readonly data: TokenisedPairs;
  readonly backend: PageEngine['backend'];
}

/** The upper ends keep a side's logits, pairs × words × 256 in float32, within the 128 MiB that every WebGPU device binds. */
export const pairsRanges: Readonly<Record<keyof PairsSettings, Range>> = {
  maxPairs: { min: 1, max: 1000, logarithmic: true, integer: true },
  maxTokens: { min: 1, max: 128, logarithmic: true, integer: true },
  maxWords: { min: 2, max: 255, logarithmic: false, integer: true },
  beta: { min: 0.001, max: 5, logarithmic: true, integer: false },
  learningRate: { min: 0.01, max: 1000, logarithmic: true, integer: false },
  steps: { min: 1, max: 500, logarithmic: true, integer: true },
};

const defaultLimits: PairsLimits = { maxPairs: 200, maxTokens: 48, maxWords: 255 };
/** With these, a few hundred pairs move visibly within the steps. The loss is a mean over pairs: hence the large rate. */
const defaultHyperparameters: BigramHyperparameters = { beta: 0.1, learningRate: 10, steps: 60 };

/** Words shown as gaining, and as losing. */
const WORDS_SHOWN = 10;

const sameSettings = (a: PairsSettings, b: PairsSettings): boolean =>
  (Object.keys(pairsRanges) as (keyof PairsSettings)[]).every((key) => a[key] === b[key]);

/**
 * The reader's own preference pairs: opens them, trains a bigram policy on them with DPO one update at a time, and keeps what is drawn.
 * Opening a file and training are independent: until a new file turns out to be good, the old one and its run stay.
 */
export class PairsLab {
  #source = $state.raw<PairsSource | null>(null);
  #opening = $state.raw<{ name: string; done: number; total: number } | null>(null);
  #openProblem = $state.raw<{ name: string; message: string } | null>(null);
  #limits = $state.raw(defaultLimits);
  #hyperparameters = $state.raw(defaultHyperparameters);
  #status = $state<PairsStatus>('idle');
  #problem = $state<string | null>(null);
  #trained = $state.raw<Trained | null>(null);
  #history = $state.raw<readonly PairsStep[]>([]);
  /** the step that the reader looks at; null: the newest */
  #pinned = $state<number | null>(null);

  #secondsPerUpdate = $state<number | null>(null);

  readonly #nextFrame: () => Promise<unknown>;
  #abort: AbortController | null = null;
  /** counts starts and cancels: a loop that sees another number than its own is out of date */
  #generation = 0;
  #wake: () => void = () => {};

  readonly #settings = $derived<PairsSettings>({ ...this.#limits, ...this.#hyperparameters });
  readonly #data = $derived.by(() =>
    this.#source ? tokenisePairs(this.#source.pairs.slice(0, this.#limits.maxPairs), this.#limits) : null,
  );
  readonly #logits = $derived.by(() => {
    if (!this.#data) return 0;
    const { pairs, vocabulary } = this.#data;
    const longest = pairs.reduce((length, { chosen, rejected }) => Math.max(length, chosen.length, rejected.length), 0);
    return 2 * pairs.length * longest * vocabulary.words.length;
  });
  readonly #shown = $derived(this.#history[Math.min(this.#pinned ?? Number.POSITIVE_INFINITY, this.#history.length - 1)] ?? null);
  readonly #words = $derived.by((): PairsWordChanges | null => {
    const before = this.#history[0]?.wordProbabilities;
    const after = this.#shown?.wordProbabilities;
    if (!before || !after || !this.#trained) return null;
    const { words, unknown } = this.#trained.data.vocabulary;
    return {
      ...wordChanges(words.slice(0, unknown), before, after, WORDS_SHOWN), // the unknown word comes last, and is no word
      unknown: { word: UNKNOWN_WORD, before: before[unknown] ?? 0, after: after[unknown] ?? 0 },
    };
  });
  readonly #isOutdated = $derived(
    this.#trained !== null && (this.#trained.source !== this.#source || !sameSettings(this.#trained.settings, this.#settings)),
  );

  constructor({ nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve)) }: { nextFrame?: () => Promise<unknown> } = {}) {
    this.#nextFrame = nextFrame;
  }

  get source(): PairsSource | null {
    return this.#source;
  }
  /** the file that is being read, in bytes */
  get opening(): { readonly name: string; readonly done: number; readonly total: number } | null {
    return this.#opening;
  }
  /** why the last file could not be opened */
  get openProblem(): { readonly name: string; readonly message: string } | null {
    return this.#openProblem;
  }
  get settings(): PairsSettings {
    return this.#settings;
  }
  /** the opened pairs under the present limits */
  get data(): TokenisedPairs | null {
    return this.#data;
  }
  /** how long the last update took, measured; null before the first */
  get secondsPerUpdate(): number | null {
    return this.#secondsPerUpdate;
  }
  /** logits of one forward pass over the opened pairs under the present limits */
  get logits(): number {
    return this.#logits;
  }
  get status(): PairsStatus {
    return this.#status;
  }
  /** why the run cannot go on */
  get problem(): string | null {
    return this.#problem;
  }
  get trained(): Trained | null {
    return this.#trained;
  }
  /** every state of the run so far; the index is the step */
  get history(): readonly PairsStep[] {
    return this.#history;
  }
  /** the state that every view shows */
  get shown(): PairsStep | null {
    return this.#shown;
  }
  get words(): PairsWordChanges | null {
    return this.#words;
  }
  /** the file or the settings have changed since the run was started */
  get isOutdated(): boolean {
    return this.#isOutdated;
  }
  get isRunning(): boolean {
    return this.#status === 'starting' || this.#status === 'training' || this.#status === 'paused';
  }

  /** Reads pairs from a file. What is on the page stays until the file turns out to hold pairs. */
  async open(file: Blob, name: string): Promise<void> {
    this.cancelOpening();
    const abort = new AbortController();
    this.#abort = abort;
    this.#openProblem = null;
    this.#opening = { name, done: 0, total: file.size };
    try {
      const parsed = await parsePreferencePairs(file, {
        signal: abort.signal,
        maxPairs: pairsRanges.maxPairs.max,
        onProgress: (done, total) => {
          if (this.#abort === abort) this.#opening = { name, done, total };
        },
      });
      if (this.#abort !== abort) return;
      this.#forgetRun();
      this.#source = { ...parsed, name };
    } catch (error) {
      if (this.#abort === abort && !abort.signal.aborted) this.#openProblem = { name, message: messageOf(error) };
    } finally {
      if (this.#abort === abort) {
        this.#abort = null;
        this.#opening = null;
      }
    }
  }

  openSample(): Promise<void> {
    return this.open(new Blob([samplePairsJsonl]), 'The sample');
  }

  cancelOpening(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#opening = null;
  }

  /** The run goes on with what it was started with; `isOutdated` says so. */
  change(change: Partial<PairsSettings>): void {
    const { maxPairs, maxTokens, maxWords, beta, learningRate, steps } = { ...this.#settings, ...change };
    // Only what is affected gets a new object: tokenising again because β changed would be wasted.
    if ('beta' in change || 'learningRate' in change || 'steps' in change) this.#hyperparameters = { beta, learningRate, steps };
    if ('maxPairs' in change || 'maxTokens' in change || 'maxWords' in change) this.#limits = { maxPairs, maxTokens, maxWords };
  }

  /** Trains from the reference again, with the present file and settings. */
  async start(engine: PageEngine): Promise<void> {
    const source = this.#source;
    const data = this.#data;
    if (!source || !data || data.pairs.length === 0) return;
    this.#forgetRun();
    const generation = this.#generation;
    const settings = this.#settings;
    this.#trained = { source, settings, data, backend: engine.backend };
    this.#status = 'starting';
    try {
      await this.#drive(engine, this.#trained, () => generation !== this.#generation);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#problem = messageOf(error);
      this.#status = 'failed';
    }
  }

  pause(): void {
    if (this.#status === 'training') this.#status = 'paused';
  }

  resume(): void {
    if (this.#status !== 'paused') return;
    this.#pinned = null;
    this.#status = 'training';
    this.#wake();
  }

  /** Ends the run. The states that it reached stay. */
  cancel(): void {
    if (!this.isRunning) return;
    this.#generation++;
    this.#status = this.#history.length > 0 ? 'cancelled' : 'idle';
    this.#wake();
  }

  /** Every view shows this step, and training pauses. */
  pin(step: number): void {
    this.pause();
    this.#pinned = step >= this.#history.length - 1 ? null : Math.max(0, step);
  }

  dispose(): void {
    this.cancelOpening();
    this.cancel();
  }

  #forgetRun(): void {
    this.#generation++;
    this.#wake();
    this.#trained = null;
    this.#history = [];
    this.#pinned = null;
    this.#problem = null;
    this.#status = 'idle';
  }

  async #drive(engine: PageEngine, { data, settings }: Trained, isStale: () => boolean): Promise<void> {
    await this.#nextFrame(); // building the experiment takes a moment: show that it was asked for first
    if (isStale()) return;
    const run = await engine.startRun(bigramExperiment(data, settings));
    try {
      if (isStale()) return;
      this.#status = 'training';
      const contexts = countContexts(data);
      let first: RecordedStep | null = null;
      for (let isLast = false; !isLast; ) {
        const step = run.step;
        isLast = step >= settings.steps;
        const began = performance.now();
        // Recording the state before the update shares its forward pass. Calls are answered in order: the table is that state's, too.
        const [{ table = new Float64Array() }, [now]] = await Promise.all([run.parameters(), run.advance(isLast ? 0 : 1, [step])]);
        if (isStale()) return;
        this.#secondsPerUpdate = (performance.now() - began) / 1000;
        if (!now || !Number.isFinite(now.loss)) {
          this.#problem = `The numbers overflowed at step ${step}. Choose a smaller learning rate or a smaller β.`;
          this.#status = 'failed';
          return;
        }
        first ??= now;
        const wordProbabilities = meanWordProbabilities(table, contexts, data.vocabulary.words.length);
        this.#history = [...this.#history, { ...summariseStep(first, now), wordProbabilities }];
        if (isLast) break;
        await this.#nextFrame();
        while (this.status === 'paused' && !isStale()) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (isStale()) return;
      }
      this.#status = 'finished';
    } finally {
      run.dispose();
    }
  }
}
