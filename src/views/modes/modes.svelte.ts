import type { Levels } from '../../atlas/toys/modes/levels.ts';
import { messageOf } from '../../core/message-of.ts';
import { sameFields } from '../../core/same.ts';
import type { EngineCalls } from '../../shell/engine/page-engine.ts';
import { Turns } from '../../shell/engine/turns.ts';
import { writeLink } from '../../shell/links/link.ts';
import type { Moment } from '../../shell/runs/moment.ts';
import { passedThrough } from '../../shell/runs/run-history.svelte.ts';
import { SettingsTimeline } from '../../shell/runs/settings-timeline.svelte.ts';
import { nextTask } from '../../train/next-task.ts';
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
  openingModes,
  policyNumbers,
} from './modes.ts';
import { type ModesLink, ofDescents, writeModes } from './modes-link.ts';
import { modesMoments } from './modes-moments.ts';
import { modesPlace } from './place.ts';
import { RaceLab } from './race/modes-race.svelte.ts';
import { Stroke } from './stroke.ts';

const framesASecond = 24;
/** How long the page may compute in one task, in milliseconds. */
const sliceTime = 6;
/** At least the number of charts of the view. */
const mostCharts = 8;

/** The settings that the descents depend on, as text. */
const descentText = (settings: ModesSettings): string =>
  writeLink(modesPlace.route, writeModes({ settings: ofDescents(settings), step: null }));

/** One of the descents of a bandit. */
const descentOf = ({ learningRate, steps }: ModesSettings, { start, target }: Bandit, direction: Direction) => ({
  policy: { kind: 'tabular' as const, logits: [[...start]] },
  targetLogps: [[...target]],
  direction,
  optimizer: { kind: 'sgd' as const, learningRate, steps },
  record: keptSteps(steps),
});

/**
 * The bandit that the reader draws, with undo, and both descents to its target: computed whole on the engine whenever the bandit changes,
 * then played; scrubbing computes nothing.
 */
export class ModesLab extends SettingsTimeline<ModesSettings, Frame, DescentPoint> {
  /** the settings with the stroke that is being drawn */
  #draft = $state.raw<ModesSettings | null>(null);
  /** the descents before the last change, to compare with */
  #previous = $state.raw<readonly Frame[]>([]);
  /** share of both descents that is computed; null: none is under way */
  #progress = $state<number | null>(null);
  /** charts of the descents that show them already: all at once would hold the page up */
  #charted = $state(0);
  #brush = $state(3);

  #engine: EngineCalls | null = null;
  readonly #calm: boolean;
  /** a step that a link asked for, until there are frames */
  #wanted: number | null = null;
  #abort: AbortController | null = null;
  #stroke: Stroke | null = null;
  readonly #turns = new Turns();

  readonly #bandit = $derived.by((): Bandit => {
    const { reward, reference, start, data, beta } = this.settings;
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
  readonly #moments = $derived(modesMoments(this.recorded, this.#bandit, this.held.bins));

  readonly race = new RaceLab(
    () => this.held,
    () => this.#engine,
    this.#turns,
  );

  constructor({ calm = false }: { calm?: boolean } = {}) {
    super(defaultModes, descentText, { speed: framesASecond });
    this.#calm = calm;
  }

  /** with the stroke that is being drawn */
  override get settings(): ModesSettings {
    return this.#draft ?? this.held;
  }
  get bandit(): Bandit {
    return this.#bandit;
  }
  /** both descents so far as they are known, in ascending steps; empty while they are computed */
  override get steps(): readonly Frame[] {
    return this.#draft ? [] : this.recorded;
  }
  /** the descents, as far as the chart with this number is to show them */
  framesOfChart(chart: number): readonly Frame[] {
    return chart < this.#charted ? this.steps : [];
  }
  /** the descents before the last change; empty where there was none */
  get previous(): readonly Frame[] {
    return this.isDrawing && this.recorded.length > 0 ? this.recorded : this.#previous;
  }
  /** the step that every chart shows */
  get shown(): Frame {
    return this.current ?? this.#startFrame;
  }
  /** what happens in the descents */
  get moments(): readonly Moment[] {
    return this.#draft ? [] : this.#moments;
  }
  get progress(): number | null {
    return this.#progress;
  }
  get isDrawing(): boolean {
    return this.#draft !== null;
  }
  /** standard deviation of the brush in bins */
  get brush(): number {
    return this.#brush;
  }
  set brush(bins: number) {
    this.#brush = bins;
  }
  get preset(): string | null {
    return modesPresets.find(({ scene }) => sameFields({ ...this.held, ...scene, bins: this.held.bins }, this.held))?.id ?? null;
  }

  /** The view is open on this engine. */
  use(engine: EngineCalls | null): void {
    this.#engine = engine;
    if (engine && this.recorded.length === 0) void this.#compute();
  }

  /** The view is closed: nothing goes on that nobody sees. What is computed stays. */
  leave(): void {
    this.pause();
    this.#abort?.abort();
    this.race.cancel();
  }

  override change(change: Partial<ModesSettings>, kind?: string): void {
    this.cancelStroke();
    super.change(change, kind);
  }

  choosePreset(id: string): void {
    const preset = modesPresets.find((each) => each.id === id);
    if (preset) this.change(preset.scene, '');
  }

  /** Back to the curve that the page begins with. */
  resetCurve(name: CurveName): void {
    this.change({ [name]: openingModes[name] }, '');
  }

  override undo(): void {
    this.cancelStroke();
    super.undo();
  }

  override redo(): void {
    this.cancelStroke();
    super.redo();
  }

  /** Paints a curve at a bin, to a height from 0 to 1. The first call begins a stroke. */
  paint(name: CurveName, bin: number, height: number): void {
    this.#stroke ??= new Stroke(boardHeights(this.held, banditOf(this.held), name), this.#brush);
    const levels: Levels = this.#stroke.to(bin, height);
    const draft = this.keep({ ...this.held, [name]: levels }, this.held);
    if (draft[name] === levels) this.#draft = draft;
  }

  /** Keeps the stroke. Strokes of one `burst` (a key that is held) are undone together. */
  endStroke(burst = ''): void {
    const draft = this.#draft;
    this.#stroke = null;
    this.#draft = null;
    if (!draft) return;
    const { reward, reference, start } = draft;
    this.apply({ ...this.held, reward, reference, start }, burst);
  }

  cancelStroke(): void {
    this.#stroke = null;
    this.#draft = null;
  }

  override play(): void {
    const last = this.recorded.length - 1;
    if (last < 1) return;
    if (this.pinned === null) this.show(0);
    const pace = this.goOn('playing');
    void this.follow(pace, async () => {
      while (this.pinned !== null) {
        const next = this.pinned + (await pace.due(last));
        if (pace.stale()) return;
        this.show(next < last ? next : null);
      }
    });
  }

  get link(): ModesLink {
    const isStill = this.pinned === null ? this.status === 'finished' : this.status !== 'playing';
    const shown = isStill ? this.recorded.at(this.pinned ?? -1)?.step : null;
    return { settings: this.held, step: this.#wanted ?? shown ?? null, ...this.linkedRuns };
  }

  restore({ settings, step, runs }: ModesLink): void {
    this.#wanted = step;
    void this.compareWith(runs);
    // The link that a page opens with is where it begins, not a change to undo.
    if (this.#engine === null && !this.canUndo) this.held = settings;
    else if (!sameFields(settings, this.held)) this.change(settings);
    else if (this.recorded.length > 0 && step !== null) this.pin(step);
  }

  /** The descents of a run that was kept; the race and the bins stay. */
  adopt({ reward, reference, start, beta, learningRate, steps }: ModesSettings): void {
    this.change({ reward, reference, start, beta, learningRate, steps }, '');
  }

  /** Once the view is open: both descents on its engine, as far as they are finite. */
  protected async trainApart(settings: ModesSettings) {
    while (this.#engine === null) await this.nextFrame();
    const engine = this.#engine;
    const bandit = banditOf(settings);
    const [forward, reverse] = await this.#turns.take(async () => [
      await engine.matchTarget(descentOf(settings, bandit, 'forward')),
      await engine.matchTarget(descentOf(settings, bandit, 'reverse')),
    ]);
    const states = forward.steps.flatMap(({ step, outcomeLogps }, index): DescentPoint[] => {
      const other = reverse.steps[index]?.outcomeLogps;
      if (!other || ![...outcomeLogps, ...other].every(Number.isFinite)) return [];
      return [{ step, numbers: { forward: policyNumbers(outcomeLogps, bandit), reverse: policyNumbers(other, bandit) } }];
    });
    return { states, engine: engine.backend };
  }

  protected changedFrom(before: ModesSettings): void {
    if (this.runs.isSame(before, this.held)) return;
    if (this.recorded.length > 0) this.#previous = this.recorded;
    void this.#compute();
  }

  async #compute(): Promise<void> {
    this.#abort?.abort();
    const pace = this.begin('starting');
    const engine = this.#engine;
    if (!engine) return;
    const abort = new AbortController();
    this.#abort = abort;
    const settings = this.held;
    const bandit = banditOf(settings);
    const record = keptSteps(settings.steps);
    this.#progress = 0;
    const descend = (direction: Direction, before: number) =>
      engine.matchTarget(descentOf(settings, bandit, direction), {
        signal: abort.signal,
        onProgress: (done, total) => {
          if (this.#abort === abort) this.#progress = (before + done / total) / directions.length;
        },
      });
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
      pace.append(frames);
      void this.#chart(abort);
      if (frames.length < record.length)
        this.problem = 'The descent left the range of the engine’s numbers; a smaller step size may keep it in range.';
      this.#progress = null;
      // what a slider passes through on its way is not kept
      setTimeout(() => {
        if (this.#abort !== abort || frames.length === 0) return;
        const states = frames.map(({ step, numbers }): DescentPoint => ({ step, numbers }));
        this.runs.keep({ settings, states, engine: engine.backend, finished: true });
      }, passedThrough);
      this.status = 'finished';
      if (this.#wanted !== null) this.pin(this.#wanted);
      else if (!this.#calm) this.play();
      this.#wanted = null;
    } catch (error) {
      if (this.#abort !== abort) return;
      this.#progress = null;
      if (abort.signal.aborted) return;
      this.status = 'failed';
      this.problem = messageOf(error);
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
}
