import type { PairDiagnosis, RecordedStep } from '../core/experiment.ts';
import { messageOf } from '../core/message-of.ts';
import { type SuffixGeometry, sharedSuffix, suffixGeometry } from '../experiments/shared-suffix.ts';
import { type Engine, openEngine } from '../train/engine.ts';
import type { PairForces } from './displacement.ts';
import { admissibleRatios, caseOf, firstOrderMove, normalisedForces, ratioMarks } from './entanglement.ts';
import type { EntanglementLink } from './entanglement-link.ts';
import { changeSuffix, countedSuffix, defaultSuffix, type SuffixSettings, sameSuffix, updatePresets } from './entanglement-settings.ts';
import {
  forcesOf,
  type Objective,
  type ObjectiveView,
  objectives,
  type PageChoice,
  type PairState,
  viewObjective,
} from './objective-view.ts';
import type { PageEngine } from './page-engine.ts';
import type { Playback } from './playback.ts';
import type { Agreement, Status } from './session.svelte.ts';
import { defaultSpeed } from './settings.ts';
import { matchedLearningRate } from './step-size.ts';
import { isFiniteStep } from './story.ts';

/** One state of the run with its gradients, and the update that follows. */
export interface SuffixState {
  readonly step: number;
  readonly record: RecordedStep;
  /** the state after the next update */
  readonly next: RecordedStep;
  readonly diagnosis: PairDiagnosis;
  /** the same geometry in closed form */
  readonly closed: SuffixGeometry;
}

type Source = Pick<Engine, 'startRun' | 'diagnose'>;

/** How long the page may compute between two frames, in milliseconds. */
const sliceTime = 6;

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

const chosenOf = (record: RecordedStep): number => record.chosenLogps[0] ?? Number.NaN;
const rejectedOf = (record: RecordedStep): number => record.rejectedLogps[0] ?? Number.NaN;

/** Every state of the toy's run, one update after the other; ends early before the first that is not finite. */
export async function* suffixStates(engine: Source, settings: SuffixSettings): AsyncGenerator<SuffixState, void> {
  const experiment = sharedSuffix(settings);
  const run = await engine.startRun(experiment);
  try {
    let [record] = await run.advance(0, [0]);
    for (let step = 0; step <= settings.steps; step++) {
      const parameters = await run.parameters();
      const [diagnosis] = await engine.diagnose(experiment, parameters);
      const [next] = await run.advance(1, [step + 1]);
      if (!record || !next || !diagnosis || !isFiniteStep(record) || !isFiniteStep(next)) return;
      yield { step, record, next, diagnosis, closed: suffixGeometry(settings, parameters) };
      record = next;
    }
  } finally {
    run.dispose();
  }
}

/** Forces of every objective of the catalogue at its defaults, compiled on first use. */
const catalogueForces = new Map<string, ReturnType<typeof forcesOf>>();
function forcesOfEntry({ id }: Objective): ReturnType<typeof forcesOf> {
  const known = catalogueForces.get(id) ?? forcesOf({ name: id });
  catalogueForces.set(id, known);
  return known;
}

/**
 * The toy with a shared suffix: one run, driven update by update on the page's engine, with the gradients of both answers at every
 * step. The float64 CPU engine goes the same way beside it. Every view shows one step; scrubbing never retrains.
 */
export class EntanglementLab implements Playback {
  #settings = $state.raw<SuffixSettings>(defaultSuffix);
  #speed = $state<number>(defaultSpeed);
  #status = $state<Status>('starting');
  #steps = $state.raw<readonly SuffixState[]>([]);
  #expected = $state.raw<readonly SuffixState[]>([]);
  /** the engine that the states come from */
  #engine = $state.raw<PageEngine | null>(null);
  #problem = $state<string | null>(null);
  #divergedAt = $state<number | null>(null);
  #pinned = $state<number | null>(null);
  #hovered = $state<number | null>(null);
  #pointed = $state<string | null>(null);

  readonly #engineOf: () => PageEngine | null;
  readonly #calm: boolean;
  #instant: boolean;
  #oracle: Promise<Engine> | null = null;
  #hidden = true;
  #begun = false;
  /** counts restarts: a loop that sees another number than its own is out of date */
  #generation = 0;
  #turn: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  #stepsAsked = 0;
  #dueAt = 0;

  readonly #known = $derived(this.#steps.length > 0 ? this.#steps : this.#expected.slice(0, 1));
  readonly #shown = $derived(
    this.#known[Math.max(0, Math.min(this.#hovered ?? this.#pinned ?? Number.POSITIVE_INFINITY, this.#known.length - 1))] ?? null,
  );
  readonly #objective = $derived(viewObjective(this.#settings.objective));
  readonly #evaluate = $derived(forcesOf(this.#settings.objective));
  readonly #pairState = $derived.by((): PairState | null => {
    const start = this.#known[0];
    if (!start || !this.#shown) return null;
    return {
      chosen: chosenOf(this.#shown.record),
      rejected: rejectedOf(this.#shown.record),
      refChosen: chosenOf(start.record),
      refRejected: rejectedOf(start.record),
      length: 1 + countedSuffix(this.#settings),
    };
  });
  readonly #moment = $derived.by(() => {
    const [state, pair] = [this.#shown, this.#pairState];
    if (!state || !pair) return null;
    const { diagnosis, closed, record, next } = state;
    const own = this.#evaluate(pair);
    const normalised = this.#settings.update === 'normalised';
    const forces: PairForces = normalised ? normalisedForces(diagnosis) : own;
    const formula = firstOrderMove(closed, normalised ? normalisedForces(closed) : own);
    const measured = {
      chosen: chosenOf(next) - chosenOf(record),
      rejected: rejectedOf(next) - rejectedOf(record),
    };
    // The engine's rates are those of the loss; the normalised update takes its own share of the engine's gradients.
    const engine = normalised ? firstOrderMove(diagnosis, forces) : { chosen: diagnosis.chosenRate, rejected: diagnosis.rejectedRate };
    return {
      ...state,
      /** the objective's own forces; the normalised update does not use them */
      own,
      /** what the update takes of either gradient, divided by the learning rate */
      forces,
      ratio: forces.chosen / forces.rejected,
      /** a loss of the margin alone pulls both with the same force */
      marginOnly: !normalised && own.chosen !== 0 && Math.abs(own.chosen - own.rejected) <= 1e-9 * Math.abs(own.chosen),
      /** rates per unit of learning rate: closed form, and the engine's */
      formula,
      engine,
      /** what the next update did, in nats */
      measured,
      case: caseOf(engine),
      interval: admissibleRatios(diagnosis),
    };
  });
  readonly #marks = $derived.by(() => {
    const pair = this.#pairState;
    return pair && ratioMarks((entry) => forcesOfEntry(entry)(pair));
  });

  readonly #agreement = $derived.by((): Agreement | null => {
    if (this.#engine?.backend !== 'webgpu') return null;
    let agreement: Agreement | null = null;
    for (const { step, record } of this.#steps) {
      const expected = this.#expected[step]?.record;
      if (!expected) break; // not there yet, or it overflowed
      const difference = Math.max(
        Math.abs(chosenOf(record) - chosenOf(expected)),
        Math.abs(rejectedOf(record) - rejectedOf(expected)),
        agreement?.largestDifference ?? 0,
      );
      agreement = { largestDifference: difference, lastStep: step };
    }
    return agreement;
  });

  constructor(engineOf: () => PageEngine | null, { calm = false, link }: { calm?: boolean; link?: EntanglementLink } = {}) {
    this.#engineOf = engineOf;
    this.#calm = calm;
    this.#instant = calm;
    if (link) {
      this.#settings = link.settings;
      this.#lookAt(link.step);
    }
  }

  get settings(): SuffixSettings {
    return this.#settings;
  }
  get speed(): number {
    return this.#speed;
  }
  get status(): Status {
    return this.#status;
  }
  /** every state of the run so far; the index is the step */
  get steps(): readonly SuffixState[] {
    return this.#steps;
  }
  /** the same run on the float64 CPU engine */
  get expected(): readonly SuffixState[] {
    return this.#expected;
  }
  /** where the run began; null before any engine has answered */
  get start(): SuffixState | null {
    return this.#known[0] ?? null;
  }
  get shown(): { readonly step: number } {
    return this.#shown ?? { step: 0 };
  }
  /** the state shown, with what its update does and why; null before any engine has answered */
  get moment() {
    return this.#moment;
  }
  /** where the objectives of the catalogue stand at the state shown */
  get marks() {
    return this.#marks;
  }
  get objective(): ObjectiveView {
    return this.#objective;
  }
  get engine(): PageEngine | null {
    return this.#engine;
  }
  get opening(): boolean {
    return false;
  }
  get notice(): string | null {
    return null;
  }
  get agreement(): Agreement | null {
    return this.#agreement;
  }
  get problem(): string | null {
    return this.#problem;
  }
  /** the update after which the numbers overflowed */
  get divergedAt(): number | null {
    return this.#divergedAt;
  }
  /** the objective's parameter that the reader points at */
  get pointed(): string | null {
    return this.#pointed;
  }
  point(parameter: string | null): void {
    this.#pointed = parameter;
  }
  get link(): EntanglementLink {
    return { settings: this.#settings, step: this.#pinned };
  }

  restart(): void {
    const generation = ++this.#generation;
    this.#begun = !this.#hidden;
    this.#steps = [];
    this.#problem = null;
    this.#divergedAt = null;
    this.#pinned = null;
    this.#hovered = null;
    this.#stepsAsked = 0;
    this.#status = 'playing';
    this.#wake();
    if (this.#begun) this.#turn = this.#turn.then(() => this.#drive(generation)).catch((error: unknown) => console.error(error));
  }

  /** Another engine is there: the same run begins on it, and the same step is shown. */
  changeEngine(): void {
    const step = this.#pinned;
    this.restart();
    this.#lookAt(step);
  }

  reset(): void {
    this.restart();
    this.#status = 'paused';
  }

  change(change: Partial<SuffixSettings>): void {
    this.#settings = changeSuffix(this.#settings, change);
    this.#instant = this.#calm;
    this.restart();
  }

  /** Trains with another objective, at the step size at which it pushes as hard at first as the default does. */
  choose(objective: PageChoice): void {
    const pair = this.#pairState;
    if (!pair || this.#settings.update === 'normalised') {
      this.change({ objective }); // unit gradients: the objective does not set the size
      return;
    }
    const start = { ...pair, chosen: pair.refChosen, rejected: pair.refRejected };
    const known = { objective: defaultSuffix.objective, learningRate: updatePresets.plain };
    this.change({ objective, learningRate: matchedLearningRate(objective, known, start) });
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
  }

  play(): void {
    this.#instant = false;
    this.#pinned = null;
    if (this.#status === 'paused') {
      this.#status = 'playing';
      this.#wake();
    } else if (this.#status !== 'playing') this.restart();
  }

  pause(): void {
    if (this.#status === 'playing') this.#status = 'paused';
  }

  stepOnce(): void {
    this.pause();
    if (this.shown.step < this.#known.length - 1) this.pin(this.shown.step + 1);
    else if (this.#status === 'paused') {
      this.#stepsAsked++;
      this.#wake();
    }
  }

  pin(step: number): void {
    this.pause();
    this.#hovered = null;
    this.#pinned = step >= this.#known.length - 1 ? null : Math.max(0, Math.round(step));
  }

  hover(step: number | null): void {
    this.#hovered = step;
  }

  /** The run and the step of a link. The same run is not trained again. */
  restore({ settings, step }: EntanglementLink): void {
    if (!sameSuffix(settings, this.#settings)) {
      this.#settings = settings;
      this.#instant = this.#calm;
      this.restart();
    }
    this.#lookAt(step);
  }

  /** Nobody sees a hidden view: it does not train. The first time that it is seen, its run begins. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    if (!hidden && !this.#begun) {
      this.changeEngine();
    }
    this.#wake();
  }

  #lookAt(step: number | null): void {
    this.#pinned = step;
    if (step !== null) this.#instant = true;
  }

  async #drive(generation: number): Promise<void> {
    const stale = (): boolean => generation !== this.#generation;
    if (stale()) return;
    const settings = this.#settings;
    try {
      await this.#expect(settings, stale);
      while (this.#engineOf() === null || this.#hidden) {
        await (this.#hidden ? this.#sleep() : nextFrame());
        if (stale()) return;
      }
      const engine = this.#engineOf();
      if (!engine) return;
      this.#engine = engine;
      this.#dueAt = performance.now();
      let last = -1;
      for await (const state of suffixStates(engine, settings)) {
        if (stale()) return;
        this.#steps = [...this.#steps, state];
        last = state.step;
        if (last < settings.steps) await this.#nextTurn(stale);
        if (stale()) return;
      }
      if (last < settings.steps) this.#divergedAt = last + 1;
      this.#status = 'finished';
    } catch (error) {
      if (stale()) return;
      this.#problem = messageOf(error);
      this.#status = 'failed';
    }
  }

  /** Shows where the run begins as soon as that is known; the rest of the CPU engine's run follows in the page's spare time. */
  async #expect(settings: SuffixSettings, stale: () => boolean): Promise<void> {
    this.#oracle ??= openEngine({ backend: 'cpu' });
    const states = suffixStates(await this.#oracle, settings);
    const { value: start } = await states.next();
    if (!start || stale()) {
      await states.return();
      return;
    }
    this.#expected = [start];
    const rest = async (): Promise<void> => {
      const expected = [start];
      let began = performance.now();
      for await (const state of states) {
        if (stale()) return;
        expected.push(state);
        if (performance.now() - began < sliceTime) continue;
        await nextFrame();
        began = performance.now();
      }
      if (!stale()) this.#expected = expected;
    };
    rest().catch((error: unknown) => console.error(error));
  }

  /** Resolves when the next update is due. */
  async #nextTurn(stale: () => boolean): Promise<void> {
    while (!stale()) {
      if (this.#stepsAsked > 0) {
        this.#stepsAsked--;
        return;
      }
      if (this.#status !== 'playing' || this.#hidden) {
        await this.#sleep();
        this.#dueAt = performance.now();
        continue;
      }
      const now = performance.now();
      if (this.#instant || now >= this.#dueAt) {
        this.#dueAt = Math.max(this.#dueAt, now - 100) + 1000 / this.#speed; // after a pause of the browser's, no burst
        return;
      }
      await nextFrame();
    }
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** How many objectives the axis speaks of. */
export const catalogueSize = objectives.length;
