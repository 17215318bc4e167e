import type { Experiment, RecordedStep } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { sameFields } from '../../core/same.ts';
import { bigramExperiment, smoothedBigramTable, type TokenisedPairs, tokenisePairs } from '../../data/bigram-experiment.ts';
import { type PairGeometry, pairGeometry } from '../../data/pair-geometry.ts';
import type { PairsData, ReadData, RefusedData, TrainingLog } from '../../data/read-data-types.ts';
import { DataFileError } from '../../data/read-records.ts';
import { samplePairsJsonl } from '../../data/sample-pairs.ts';
import { countContexts, meanWordProbabilities, type StepSummary, summariseStep, type WordChange, wordChanges } from '../../data/summary.ts';
import { UNKNOWN_WORD } from '../../data/vocabulary.ts';
import type { PageEngine } from '../../shell/engine/page-engine.ts';
import { keptRows } from '../../shell/files/kept-rows.ts';
import { OpenedFile } from '../../shell/files/opened-file.svelte.ts';
import { readData } from '../../shell/files/read-data.ts';
import { type ObjectiveView, type PageChoice, type PairState, viewObjective } from '../../shell/losses/objective-view.ts';
import { matchedLearningRate } from '../../shell/losses/step-size.ts';
import { type Pace, type Status, Timeline } from '../../shell/runs/timeline.svelte.ts';
import { OwnModel } from './own-model/own-model.svelte.ts';
import { defaultHyperparameters, defaultLimits, type PairsSettings } from './pairs-settings.ts';

/** Pairs that were opened, and where they are from. */
export interface PairsSource extends PairsData {
  readonly name: string;
}

/** A file that holds something else than pairs. */
export interface FoundFile {
  readonly name: string;
  readonly data: Exclude<ReadData, PairsData | RefusedData | TrainingLog>;
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
  readonly geometry: PairGeometry;
  readonly backend: PageEngine['backend'];
}

/** Logits of a reference that is still written out as JSON: about 40 MB. */
const MAX_EXPORTED = 2_000_000;
/** Bytes of a side's logits in float32: what every WebGPU device binds in one piece. */
const MAX_LOGIT_BYTES = 128 * 2 ** 20;

/** Words shown as gaining, and as losing. */
const WORDS_SHOWN = 10;

/**
 * The reader's own preference pairs: opens them, trains a bigram policy on them one update at a time, and keeps what is drawn.
 * Opening a file and training are independent: until a new file turns out to be good, the old one and its run stay.
 */
export class PairsLab extends Timeline<PairsStep> {
  /** numbers of the reader's own model, beside the pairs */
  readonly own = new OwnModel();
  readonly file = new OpenedFile<PairsData>(() => {
    this.filter = 'all';
    this.#forgetRun('idle');
  });
  #found = $state.raw<FoundFile | null>(null);
  /** what was opened last is the sample, and nothing of the reader's */
  #isSample = $state(false);
  #hasShown = false;
  /** the table's filter, by its id */
  filter = $state('all');
  #limits = $state.raw(defaultLimits);
  #hyperparameters = $state.raw(defaultHyperparameters);
  #trained = $state.raw<Trained | null>(null);
  /** the pair that is looked at: its place in the trained, else in the opened pairs */
  #selected = $state<number | null>(null);
  #secondsPerUpdate = $state<number | null>(null);

  readonly #settings = $derived<PairsSettings>({ ...this.#limits, ...this.#hyperparameters });
  readonly #data = $derived.by(() => (this.source ? tokenisePairs(this.source.pairs.slice(0, this.#limits.maxPairs), this.#limits) : null));
  /** the reference, at which training begins, and the geometry of the pairs there */
  readonly #reference = $derived.by(() => {
    if (!this.#data) return null;
    const table = smoothedBigramTable(this.#data);
    return { table, geometry: pairGeometry(this.#data, table) };
  });
  readonly #averagePair = $derived.by((): PairState | null => {
    if (!this.#reference || !this.#data || this.#data.pairs.length === 0) return null;
    const { chosenLogps, rejectedLogps } = this.#reference.geometry;
    const [refChosen, refRejected] = [mean(chosenLogps), mean(rejectedLogps)];
    const length = this.#data.tokens / (2 * this.#data.pairs.length);
    return { chosen: refChosen, rejected: refRejected, refChosen, refRejected, length };
  });
  readonly #objective = $derived(viewObjective(this.#hyperparameters.objective));
  readonly #logits = $derived.by(() => {
    if (!this.#data) return 0;
    const { pairs, vocabulary } = this.#data;
    const longest = pairs.reduce((length, { chosen, rejected }) => Math.max(length, chosen.length, rejected.length), 0);
    return 2 * pairs.length * longest * vocabulary.words.length;
  });
  readonly #words = $derived.by((): PairsWordChanges | null => {
    const before = this.steps[0]?.wordProbabilities;
    const after = this.shown?.wordProbabilities;
    if (!before || !after || !this.#trained) return null;
    const { words, unknown } = this.#trained.data.vocabulary;
    return {
      ...wordChanges(words.slice(0, unknown), before, after, WORDS_SHOWN), // the unknown word comes last, and is no word
      unknown: { word: UNKNOWN_WORD, before: before[unknown] ?? 0, after: after[unknown] ?? 0 },
    };
  });
  readonly #isOutdated = $derived(
    this.#trained !== null && (this.#trained.source !== this.source || !sameFields(this.#trained.settings, this.#settings)),
  );

  constructor({ nextFrame }: { nextFrame?: () => Promise<unknown> } = {}) {
    super({ nextFrame, speed: Number.POSITIVE_INFINITY });
    this.status = 'idle';
  }

  get source(): PairsSource | null {
    return this.file.value;
  }
  /** what was opened last is the sample */
  get isSample(): boolean {
    return this.#isSample;
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
  /** the logits of one forward pass are small enough for every device */
  get fits(): boolean {
    return (this.#logits / 2) * Float32Array.BYTES_PER_ELEMENT <= MAX_LOGIT_BYTES;
  }
  /** the objective of the next run, with its parameters */
  get objective(): ObjectiveView {
    return this.#objective;
  }
  /** means over the opened pairs at the reference; null while there are none */
  get averagePair(): PairState | null {
    return this.#averagePair;
  }
  /** the run's pairs, or the opened ones where none was started; with what is known of each before training */
  get pairs(): { readonly data: TokenisedPairs; readonly geometry: PairGeometry; readonly source: PairsSource } | null {
    if (this.#trained) return this.#trained;
    return this.#data && this.#reference && this.source
      ? { data: this.#data, geometry: this.#reference.geometry, source: this.source }
      : null;
  }
  get selected(): number | null {
    return this.#selected !== null && this.#selected < (this.pairs?.data.pairs.length ?? 0) ? this.#selected : null;
  }
  select(pair: number | null): void {
    this.#selected = pair;
  }
  get trained(): Trained | null {
    return this.#trained;
  }
  /** the state that every view shows */
  get shown(): PairsStep | null {
    return this.current;
  }
  get words(): PairsWordChanges | null {
    return this.#words;
  }
  /** the file or the settings have changed since the run was started */
  get isOutdated(): boolean {
    return this.#isOutdated;
  }
  /** the run's experiment is small enough to be written out */
  get canExport(): boolean {
    const data = this.#trained?.data;
    return data !== undefined && (data.prompts.length + data.vocabulary.words.length) * data.vocabulary.words.length <= MAX_EXPORTED;
  }
  /** What the engine trained, as plain JSON; '' where nothing was. */
  experimentJson(): string {
    return this.#trained ? JSON.stringify(bigramExperiment(this.#trained.data, this.#trained.settings)) : '';
  }
  get isRunning(): boolean {
    return this.status === 'starting' || this.status === 'playing' || this.status === 'paused';
  }

  /** the last file that was opened, where it holds something else than pairs */
  get found(): FoundFile | null {
    return this.#found;
  }

  /**
   * Reads whatever a file holds. What is on the page stays until the file turns out to hold pairs; log-probs are opened as such, too, and a
   * training log is handed on.
   */
  open(file: Blob, name: string, onlog: (opened: { readonly name: string; readonly data: TrainingLog }) => void = () => {}): Promise<void> {
    this.#isSample = false;
    this.#found = null;
    return this.file.open(name, async (options) => {
      const data = await readData<'any'>({ kind: 'any', file, name, maxRows: keptRows }, options);
      options.signal?.throwIfAborted();
      if (data.kind === 'pairs') {
        this.#readBeside(data, file, name);
        return data;
      }
      if (data.kind === 'refused') throw new DataFileError(data.convert ? `${data.reason} This converts it: ${data.convert}` : data.reason);
      if (data.kind === 'log') onlog({ name, data });
      else this.#keep(file, name, data);
      return null;
    });
  }

  /** Shows what another view has read. */
  take({ name, file, data }: { readonly name: string; readonly file: Blob; readonly data: PairsData | FoundFile['data'] }): void {
    this.#isSample = false;
    this.#found = null;
    if (data.kind === 'pairs') {
      this.#readBeside(data, file, name);
      this.file.take(name, data);
    } else this.#keep(file, name, data);
  }

  /** Rows of pairs may hold the log-probs of the reader's model, too. */
  #readBeside(data: PairsData, file: Blob, name: string): void {
    if (data.notes.some(({ kind }) => kind === 'own-logps')) this.own.openLogps(file, name);
  }

  #keep(file: Blob, name: string, data: FoundFile['data']): void {
    if (!this.source) this.file.cancel(); // the sample, which nobody asked for
    this.#found = { name, data };
    if (data.kind === 'logps') this.own.openLogps(file, name);
  }

  openSample(): Promise<void> {
    const opened = this.open(new Blob([samplePairsJsonl]), 'The sample');
    this.#isSample = true;
    return opened;
  }

  /** The sample, trained: what is seen before a file is opened. Once, and only where nothing was chosen. */
  async showSample(engine: PageEngine): Promise<void> {
    if (this.#hasShown || this.file.isChosen || this.#found) return;
    this.#hasShown = true;
    await this.openSample();
    if (this.#isSample && this.source && this.status === 'idle') await this.start(engine);
  }

  /** The run goes on with what it was started with; `isOutdated` says so. */
  change(change: Partial<PairsSettings>): void {
    const { maxPairs, maxTokens, maxWords, objective, learningRate, steps } = { ...this.#settings, ...change };
    // Only what is affected gets a new object: tokenising again because the step size changed would be wasted.
    if ('objective' in change || 'learningRate' in change || 'steps' in change) this.#hyperparameters = { objective, learningRate, steps };
    if ('maxPairs' in change || 'maxTokens' in change || 'maxWords' in change) this.#limits = { maxPairs, maxTokens, maxWords };
  }

  /** Another objective of the catalogue, at the step size at which its first update pushes an average pair as hard as DPO's does. */
  choose(objective: PageChoice): void {
    const { objective: known, learningRate } = defaultHyperparameters;
    const start = this.#averagePair;
    this.change({
      objective,
      ...(start ? { learningRate: matchedLearningRate(objective, { objective: known, learningRate }, start) } : {}),
    });
  }

  /** Trains from the reference again, with the present file and settings. */
  async start(engine: PageEngine): Promise<void> {
    const source = this.source;
    const data = this.#data;
    if (!source || !data || data.pairs.length === 0 || !this.fits) return;
    const pace = this.#forgetRun('starting');
    const settings = this.#settings;
    await this.follow(pace, async () => {
      await this.nextFrame(); // building the experiment takes a moment: show that it was asked for first
      const reference = this.#reference;
      if (pace.stale() || !reference) return;
      this.#trained = { source, settings, data, geometry: reference.geometry, backend: engine.backend };
      await this.#drive(engine, bigramExperiment(data, settings, reference.table), this.#trained, pace);
    });
  }

  /** Ends the run. The states that it reached stay. */
  cancel(): void {
    if (!this.isRunning) return;
    this.stop();
    this.status = this.steps.length > 0 ? 'cancelled' : 'idle';
  }

  dispose(): void {
    this.file.cancel();
    this.own.dispose();
    this.cancel();
  }

  #forgetRun(status: Status): Pace<PairsStep> {
    this.#trained = null;
    return this.begin(status);
  }

  async #drive(engine: PageEngine, experiment: Experiment, { data, settings }: Trained, pace: Pace<PairsStep>): Promise<void> {
    const run = await engine.startRun(experiment);
    try {
      if (pace.stale()) return;
      this.status = 'playing';
      const contexts = countContexts(data);
      let first: RecordedStep | null = null;
      for (let isLast = false; !isLast; ) {
        const step = run.step;
        isLast = step >= settings.steps;
        const began = performance.now();
        // Recording the state before the update shares its forward pass. Calls are answered in order: the table is that state's, too.
        const [{ table = new Float64Array() }, [now]] = await Promise.all([run.parameters(), run.advance(isLast ? 0 : 1, [step])]);
        if (pace.stale()) return;
        this.#secondsPerUpdate = (performance.now() - began) / 1000;
        if (!now || !Number.isFinite(now.loss))
          throw new Error(
            step === 0
              ? 'The loss is not finite where training starts. Change its parameters, or choose another.'
              : `The numbers overflowed at step ${step}. Choose a smaller learning rate.`,
          );
        first ??= now;
        const wordProbabilities = await meanWordProbabilities(table, contexts, data.vocabulary.words.length);
        if (pace.stale()) return;
        pace.append([{ ...summariseStep(first, now), wordProbabilities }]);
        if (!isLast) await pace.due(1);
        if (pace.stale()) return;
      }
    } finally {
      run.dispose();
    }
  }
}
