import { messageOf } from '../../core/message-of.ts';
import { sameFields } from '../../core/same.ts';
import type { EngineCalls } from '../../shell/engine/page-engine.ts';
import { Turns } from '../../shell/engine/turns.ts';
import { writeLink } from '../../shell/links/link.ts';
import type { Moment } from '../../shell/runs/moment.ts';
import { type KeptRun, passedThrough, RunHistory, type RunKeeper } from '../../shell/runs/run-history.svelte.ts';
import { type Keep, SettingsHistory } from '../../shell/runs/settings-history.svelte.ts';
import { nextTask } from '../../train/next-task.ts';
import { type Levels, Stroke } from './curves.ts';
import { type DescentPoint, type Direction, directions, type Frame } from './descents.ts';
import {
  type Bandit,
  banditOf,
  boardHeights,
  type CurveName,
  defaultModes,
  keptSteps,
  type ModesSettings,
  modesPresets,
  policyNumbers,
} from './modes.ts';
import { type ModesLink, writeModes } from './modes-link.ts';
import { modesMoments } from './modes-moments.ts';
import { RaceLab } from './modes-race.svelte.ts';

const framesASecond = 24;
/** How long the page may compute in one task, in milliseconds. */
const sliceTime = 6;
/** At least the number of charts of the view. */
const mostCharts = 8;

/** The settings that the descents depend on, as text. The bins that are watched and the race leave them as they are. */
const descentText = (settings: ModesSettings): string => {
  const { data, bins, race } = defaultModes;
  return writeLink('modes', writeModes({ settings: { ...settings, data, bins, race }, step: null }));
};

/**
 * The bandit that the reader draws, with undo, and both descents to its target: computed whole on the engine whenever the bandit changes,
 * then played; scrubbing computes nothing.
 */
export class ModesLab implements RunKeeper<ModesSettings, DescentPoint> {
  #settings = $state.raw<ModesSettings>(defaultModes);
  /** the settings with the stroke that is being drawn */
  #draft = $state.raw<ModesSettings | null>(null);
  readonly #undone = new SettingsHistory<ModesSettings>();
  #frames = $state.raw<readonly Frame[]>([]);
  /** the descents before the last change, to compare with */
  #previous = $state.raw<readonly Frame[]>([]);
  /** share of both descents that is computed; null: none is under way */
  #progress = $state<number | null>(null);
  #problem = $state<string | null>(null);
  /** charts of the descents that show them already: all at once would hold the page up */
  #charted = $state(0);
  #index = $state(0);
  #isPlaying = $state(false);
  #brush = $state(3);

  /** what a change leaves as it is */
  keep: Keep<ModesSettings> = (next) => next;

  #engine: EngineCalls | null = null;
  readonly #calm: boolean;
  /** a step that a link asked for, until there are frames */
  #wanted: number | null = null;
  #abort: AbortController | null = null;
  /** counts plays: a loop that sees another number than its own is out of date */
  #plays = 0;
  #stroke: Stroke | null = null;
  readonly #turns = new Turns();

  readonly #bandit = $derived.by((): Bandit => {
    const { reward, reference, start, data, beta } = this.#draft ?? this.#settings;
    return banditOf({ reward, reference, start, data, beta });
  });
  readonly #startFrame = $derived.by((): Frame => {
    const numbers = policyNumbers(this.#bandit.start, this.#bandit);
    return {
      step: 0,
      logps: { forward: this.#bandit.start, reverse: this.#bandit.start },
      numbers: { forward: numbers, reverse: numbers },
    };
  });
  readonly #moments = $derived(modesMoments(this.#frames, this.#bandit, this.#settings.bins));
  readonly #shown = $derived((this.#draft ? undefined : this.#frames[this.#index]) ?? this.#startFrame);

  /** both descents, as they were computed */
  readonly runs = new RunHistory<ModesSettings, DescentPoint>(descentText);
  readonly #compared = $derived.by((): readonly KeptRun<ModesSettings, DescentPoint>[] => this.runs.comparedWith(this.#settings));

  readonly race = new RaceLab(
    () => this.#settings,
    () => this.#engine,
    this.#turns,
  );

  constructor({ calm = false }: { calm?: boolean } = {}) {
    this.#calm = calm;
  }

  /** with the stroke that is being drawn */
  get settings(): ModesSettings {
    return this.#draft ?? this.#settings;
  }
  /** the descents that are compared with the present ones */
  get compared(): readonly KeptRun<ModesSettings, DescentPoint>[] {
    return this.#compared;
  }
  get bandit(): Bandit {
    return this.#bandit;
  }
  /** both descents so far as they are known, in ascending steps; empty while they are computed */
  get frames(): readonly Frame[] {
    return this.#draft ? [] : this.#frames;
  }
  /** the descents, as far as the chart with this number is to show them */
  framesOfChart(chart: number): readonly Frame[] {
    return chart < this.#charted ? this.frames : [];
  }
  /** the descents before the last change; empty where there was none */
  get previous(): readonly Frame[] {
    return this.isDrawing && this.#frames.length > 0 ? this.#frames : this.#previous;
  }
  /** the step that every chart shows */
  get shown(): Frame {
    return this.#shown;
  }
  /** what happens in the descents */
  get moments(): readonly Moment[] {
    return this.#draft ? [] : this.#moments;
  }
  get progress(): number | null {
    return this.#progress;
  }
  get problem(): string | null {
    return this.#problem;
  }
  get isPlaying(): boolean {
    return this.#isPlaying;
  }
  get isDrawing(): boolean {
    return this.#draft !== null;
  }
  get canUndo(): boolean {
    return this.#undone.canUndo;
  }
  get canRedo(): boolean {
    return this.#undone.canRedo;
  }
  /** standard deviation of the brush in bins */
  get brush(): number {
    return this.#brush;
  }
  set brush(bins: number) {
    this.#brush = bins;
  }
  get preset(): string | null {
    return (
      modesPresets.find(({ scene }) => sameFields({ ...this.#settings, ...scene, bins: this.#settings.bins }, this.#settings))?.id ?? null
    );
  }

  /** The view is open on this engine. */
  use(engine: EngineCalls | null): void {
    this.#engine = engine;
    if (engine && this.#frames.length === 0) void this.#compute();
  }

  /** The view is closed: nothing goes on that nobody sees. What is computed stays. */
  leave(): void {
    this.pause();
    this.#abort?.abort();
    this.race.cancel();
  }

  /** Changes settings. Changes of one `kind` that follow each other closely are undone together. */
  change(change: Partial<ModesSettings>, kind = Object.keys(change).join()): void {
    this.cancelStroke();
    const wanted = { ...this.#settings, ...change };
    const next = this.keep(wanted, this.#settings);
    if (next !== wanted && sameFields(next, this.#settings)) return; // it would change what stays
    this.#undone.record(this.#settings, kind);
    this.#apply(next);
  }

  choosePreset(id: string): void {
    const preset = modesPresets.find((each) => each.id === id);
    if (preset) this.change(preset.scene, '');
  }

  /** Back to the curve that the page begins with. */
  resetCurve(name: CurveName): void {
    this.change({ [name]: defaultModes[name] }, '');
  }

  undo(): void {
    this.cancelStroke();
    const previous = this.#undone.undo(this.#settings);
    if (previous) this.#apply(this.keep(previous, this.#settings));
  }

  redo(): void {
    this.cancelStroke();
    const next = this.#undone.redo(this.#settings);
    if (next) this.#apply(this.keep(next, this.#settings));
  }

  /** Paints a curve at a bin, to a height from 0 to 1. The first call begins a stroke. */
  paint(name: CurveName, bin: number, height: number): void {
    this.#stroke ??= new Stroke(boardHeights(this.#settings, banditOf(this.#settings), name), this.#brush);
    const levels: Levels = this.#stroke.to(bin, height);
    const draft = this.keep({ ...this.#settings, [name]: levels }, this.#settings);
    if (draft[name] === levels) this.#draft = draft;
  }

  /** Keeps the stroke. Strokes of one `burst` (a key that is held) are undone together. */
  endStroke(burst = ''): void {
    const draft = this.#draft;
    this.#stroke = null;
    this.#draft = null;
    if (!draft) return;
    const { reward, reference, start } = draft;
    this.#undone.record(this.#settings, burst);
    this.#apply({ ...this.#settings, reward, reference, start });
  }

  cancelStroke(): void {
    this.#stroke = null;
    this.#draft = null;
  }

  /** Every chart shows the kept step that is nearest; playing stops. */
  pin(step: number): void {
    this.pause();
    this.#show(step);
  }

  pause(): void {
    this.#plays++;
    this.#isPlaying = false;
  }

  play(): void {
    if (this.#index >= this.#frames.length - 1) this.#index = 0;
    void this.#play();
  }

  stepOnce(): void {
    this.pause();
    this.#index = Math.min(this.#index + 1, Math.max(0, this.#frames.length - 1));
  }

  get link(): ModesLink {
    const last = this.#frames.length - 1;
    const step = this.#wanted ?? (this.#isPlaying || last < 0 || this.#index === last ? null : this.#shown.step);
    return { settings: this.#settings, step };
  }

  restore({ settings, step }: ModesLink): void {
    this.#wanted = step;
    // The link that a page opens with is where it begins, not a change to undo.
    if (this.#engine === null && !this.canUndo) this.#settings = settings;
    else if (!sameFields(settings, this.#settings)) this.change(settings);
    else if (this.#frames.length > 0 && step !== null) this.pin(step);
  }

  /** The descents of a run that was kept; the race and the bins stay. */
  adopt({ reward, reference, start, beta, learningRate, steps }: ModesSettings): void {
    this.change({ reward, reference, start, beta, learningRate, steps }, '');
  }

  #show(step: number): void {
    let nearest = 0;
    for (const [index, frame] of this.#frames.entries())
      if (Math.abs(frame.step - step) < Math.abs((this.#frames[nearest]?.step ?? 0) - step)) nearest = index;
    this.#index = nearest;
  }

  #apply(settings: ModesSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (descentText(before) === descentText(settings)) return;
    this.pause();
    if (this.#frames.length > 0) this.#previous = this.#frames;
    this.#frames = [];
    this.#index = 0;
    void this.#compute();
  }

  async #compute(): Promise<void> {
    this.#abort?.abort();
    const engine = this.#engine;
    if (!engine) return;
    const abort = new AbortController();
    this.#abort = abort;
    const settings = this.#settings;
    const { learningRate, steps } = settings;
    const bandit = banditOf(this.#settings);
    const record = keptSteps(steps);
    this.#problem = null;
    this.#progress = 0;
    const descend = (direction: Direction, before: number) =>
      engine.matchTarget(
        {
          policy: { kind: 'tabular', logits: [[...bandit.start]] },
          targetLogps: [[...bandit.target]],
          direction,
          optimizer: { kind: 'sgd', learningRate, steps },
          record,
        },
        {
          signal: abort.signal,
          onProgress: (done, total) => {
            if (this.#abort === abort) this.#progress = (before + done / total) / directions.length;
          },
        },
      );
    try {
      const [forward, reverse] = await this.#turns.take(async () => {
        abort.signal.throwIfAborted();
        return [await descend('forward', 0), await descend('reverse', 1)] as const;
      });
      if (this.#abort !== abort || abort.signal.aborted) return;
      const frames: Frame[] = [];
      let began = performance.now();
      for (const [index, { step, outcomeLogps }] of forward.steps.entries()) {
        const other = reverse.steps[index]?.outcomeLogps;
        if (!other || ![...outcomeLogps, ...other].every(Number.isFinite)) continue;
        const numbers = { forward: policyNumbers(outcomeLogps, bandit), reverse: policyNumbers(other, bandit) };
        frames.push({ step, logps: { forward: outcomeLogps, reverse: other }, numbers });
        if (performance.now() - began < sliceTime) continue;
        await nextTask();
        if (this.#abort !== abort || abort.signal.aborted) return;
        began = performance.now();
      }
      this.#charted = 0;
      this.#frames = frames;
      void this.#chart(abort);
      if (this.#frames.length < record.length)
        this.#problem = 'The descent left the range of the engine’s numbers; a smaller step size keeps it in range.';
      this.#progress = null;
      // what a slider passes through on its way is not kept
      setTimeout(() => {
        if (this.#abort !== abort || frames.length === 0) return;
        const states = frames.map(({ step, numbers }): DescentPoint => ({ step, numbers }));
        this.runs.keep({ settings, states, engine: engine.backend, finished: true });
      }, passedThrough);
      if (this.#wanted !== null) this.#show(this.#wanted);
      else if (this.#calm) this.#index = Math.max(0, this.#frames.length - 1);
      else void this.#play();
      this.#wanted = null;
    } catch (error) {
      if (this.#abort !== abort) return;
      this.#progress = null;
      if (!abort.signal.aborted) this.#problem = messageOf(error);
    }
  }

  /** Lets one chart after the other show the new descents, each in a task of its own. */
  async #chart(abort: AbortController): Promise<void> {
    while (this.#charted < mostCharts) {
      await nextTask();
      if (this.#abort !== abort) return;
      this.#charted++;
    }
  }

  async #play(): Promise<void> {
    const play = ++this.#plays;
    this.#isPlaying = true;
    let due = 0;
    let before = performance.now();
    while (this.#index < this.#frames.length - 1) {
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      if (play !== this.#plays) return;
      due += (Math.min(now - before, 100) / 1000) * framesASecond;
      before = now;
      const whole = Math.floor(due);
      due -= whole;
      if (whole > 0) this.#index = Math.min(this.#index + whole, this.#frames.length - 1);
    }
    this.#isPlaying = false;
  }
}
