import type { PairForces } from '../../atlas/toys/displacement/first-order.ts';
import {
  admissibleRatios,
  caseOf,
  firstOrderMove,
  normalisedForces,
  ratioMarks,
} from '../../atlas/toys/entanglement/entanglement-geometry.ts';
import { maskedLogps, type SuffixGeometry, sharedSuffix, suffixGeometry } from '../../atlas/toys/entanglement/shared-suffix.ts';
import { partAt } from '../../atlas/toys/forked-run.ts';
import type { PairDiagnosis, RecordedStep } from '../../core/experiment.ts';
import { roundingAllowance } from '../../shell/engine/engine-comparison.ts';
import type { PageEngine } from '../../shell/engine/page-engine.ts';
import {
  forcesOf,
  type Objective,
  type ObjectiveView,
  objectives,
  type PageChoice,
  type PairState,
  viewObjective,
} from '../../shell/losses/objective-view.ts';
import { matchedLearningRate } from '../../shell/losses/step-size.ts';
import type { Moment } from '../../shell/runs/moment.ts';
import { type Agreement, Player } from '../../shell/runs/player.svelte.ts';
import { nextFrame, type Pace } from '../../shell/runs/timeline.svelte.ts';
import { type Engine, openEngine } from '../../train/engine.ts';
import { isFiniteStep } from '../../train/finite-step.ts';
import { type EntanglementLink, writeSuffix } from './entanglement-link.ts';
import { entanglementMoments } from './entanglement-moments.ts';
import {
  changeSuffix,
  countedSuffix,
  defaultSuffix,
  type SuffixSettings,
  suffixForkedAt,
  suffixParts,
  updatePresets,
} from './entanglement-settings.ts';
import type { SuffixPoint } from './suffix-runs.ts';

/** One state of the run with its gradients, and the update that follows. */
export interface SuffixState {
  readonly step: number;
  readonly record: RecordedStep;
  /** the state after the next update */
  readonly next: RecordedStep;
  readonly diagnosis: PairDiagnosis;
  /** the same geometry in closed form */
  readonly closed: SuffixGeometry;
  /** the settings that hold for the next update: those of a forked run change at its forks */
  readonly settings: SuffixSettings;
  /** log-probs of the shared tokens that its loss leaves out, summed, in closed form */
  readonly masked: { readonly chosen: number; readonly rejected: number };
}

type Source = Pick<Engine, 'startRun' | 'diagnose'>;

/** How long the page may compute between two frames, in milliseconds. */
const sliceTime = 6;
/** Most updates between two frames: each asks the engine for the state's gradients, too. */
const mostUpdatesPerFrame = 8;

/** The same states in the page's spare time. */
async function* unhurried<State>(states: AsyncIterable<State>): AsyncGenerator<State, void> {
  let began = performance.now();
  for await (const state of states) {
    yield state;
    if (performance.now() - began < sliceTime) continue;
    await nextFrame();
    began = performance.now();
  }
}

const chosenOf = (record: RecordedStep): number => record.chosenLogps[0] ?? Number.NaN;
const rejectedOf = (record: RecordedStep): number => record.rejectedLogps[0] ?? Number.NaN;

/** Every state of the toy's run, one update after the other; ends early before the first that is not finite. */
export async function* suffixStates(engine: Source, settings: SuffixSettings): AsyncGenerator<SuffixState, void> {
  const [first, ...later] = suffixParts(settings).map((part) => {
    const { past: _, ...whole } = { ...settings, ...part };
    return { until: part.until, settings: whole, experiment: sharedSuffix(whole) };
  });
  if (!first) return;
  const parts = [first, ...later] as const;
  const run = await engine.startRun(sharedSuffix(settings));
  try {
    let [record] = await run.advance(0, [0]);
    for (let step = 0; step <= settings.steps; step++) {
      const parameters = await run.parameters();
      // Without the stages, yet against the same reference: the start.
      const { settings: own, experiment } = partAt(parts, step);
      const [diagnosis] = await engine.diagnose(experiment, parameters);
      const [next] = await run.advance(1, [step + 1]);
      if (!record || !next || !diagnosis || !isFiniteStep(record) || !isFiniteStep(next)) return;
      const closed = suffixGeometry(own, parameters);
      yield { step, record, next, diagnosis, closed, settings: own, masked: maskedLogps(own, parameters) };
      record = next;
    }
  } finally {
    run.dispose();
  }
}

/** Forces of objectives, compiled on first use; of as many as the catalogue has, and some that were typed or slid through. */
const compiled = new Map<string, ReturnType<typeof forcesOf>>();
const mostCompiled = 2 * objectives.length;
function compiledForces(objective: PageChoice): ReturnType<typeof forcesOf> {
  const text = JSON.stringify(objective);
  const known = compiled.get(text) ?? forcesOf(objective);
  compiled.delete(text); // the one used last goes last
  compiled.set(text, known);
  const [oldest = text] = compiled.keys();
  if (compiled.size > mostCompiled) compiled.delete(oldest);
  return known;
}
const forcesOfEntry = ({ id }: Objective): ReturnType<typeof forcesOf> => compiledForces({ name: id });

const isNormalised = ({ settings }: SuffixState): boolean => settings.update === 'normalised';

/** The log-probs that the loss reads at a state of the run: those of the counted tokens. */
function pairOf(start: SuffixState, { record, masked, settings }: SuffixState): PairState {
  const left = settings.suffix - countedSuffix(settings);
  return {
    chosen: chosenOf(record) - masked.chosen,
    rejected: rejectedOf(record) - masked.rejected,
    // before training, every shared token had the same probability
    refChosen: chosenOf(start.record) - left * Math.log(settings.afterChosen),
    refRejected: rejectedOf(start.record) - left * Math.log(settings.afterRejected),
    length: 1 + countedSuffix(settings),
  };
}

/**
 * The toy with a shared suffix: one run on the page's engine, with the gradients of both answers at every step. The float64 CPU engine
 * goes the same way beside it.
 */
export class EntanglementLab extends Player<SuffixSettings, SuffixState, SuffixPoint> {
  #expected = $state.raw<readonly SuffixState[]>([]);
  #expectedIsWhole = false;
  /** the engine that the states come from */
  #engine = $state.raw<PageEngine | null>(null);

  readonly #engineOf: () => PageEngine | null;
  #oracle: Promise<Engine> | null = null;
  /** what was forked before the CPU engine had trained it to its end: that is waited for */
  #forkedFrom: SuffixSettings | null = null;

  readonly #objective = $derived(viewObjective(this.settings.objective));
  readonly #pairState = $derived.by((): PairState | null => {
    const [start, shown] = [this.start, this.current];
    return start && shown ? pairOf(start, shown) : null;
  });
  readonly #moment = $derived.by(() => {
    const [state, pair] = [this.current, this.#pairState];
    if (!state || !pair) return null;
    const { diagnosis, closed, record, next, settings } = state;
    const own = compiledForces(settings.objective)(pair);
    const normalised = isNormalised(state);
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
      objective: viewObjective(settings.objective),
      /** the objective's own forces; the normalised update does not use them */
      own,
      /** what the update takes of either gradient, divided by the learning rate */
      forces,
      ratio: forces.chosen / forces.rejected,
      /** as of every loss of the margin alone, and of some others where the policy is the reference */
      areForcesEqual: !normalised && own.chosen !== 0 && Math.abs(own.chosen - own.rejected) <= 1e-9 * Math.abs(own.chosen),
      /** rates per unit of learning rate: closed form, and the engine's */
      formula,
      engine,
      /** what the next update did, in nats */
      measured,
      case: caseOf(engine),
      interval: admissibleRatios(diagnosis),
    };
  });
  /** what happens in the run so far */
  readonly #moments = $derived.by((): readonly Moment[] => {
    const [start] = this.recorded;
    if (!start) return [];
    const steps = this.recorded.map((state) => {
      const { step, diagnosis, settings } = state;
      const forces = isNormalised(state) ? normalisedForces(diagnosis) : compiledForces(settings.objective)(pairOf(start, state));
      return { ...diagnosis, step, forces, case: caseOf(firstOrderMove(diagnosis, forces)) };
    });
    // Forces before and after a fork, or of unit gradients, tell nothing of a loss that saturates.
    return entanglementMoments(steps, isNormalised(start) || this.settings.past !== undefined);
  });
  readonly #marks = $derived.by(() => {
    const pair = this.#pairState;
    return pair && ratioMarks((entry) => forcesOfEntry(entry)(pair));
  });

  readonly #agreement = $derived.by((): Agreement | null => {
    if (this.#engine?.backend !== 'webgpu') return null;
    let agreement: Agreement | null = null;
    for (const { step, record } of this.recorded) {
      const expected = this.#expected[step]?.record;
      if (!expected) break; // not there yet, or it overflowed
      const difference = Math.max(
        Math.abs(chosenOf(record) - chosenOf(expected)),
        Math.abs(rejectedOf(record) - rejectedOf(expected)),
        agreement?.largestDifference ?? 0,
      );
      const size = Math.max(Math.abs(chosenOf(record)), Math.abs(rejectedOf(record)));
      agreement = { largestDifference: difference, lastStep: step, allowance: roundingAllowance(step, size) };
    }
    return agreement;
  });

  constructor(engineOf: () => PageEngine | null, { calm = false, link }: { calm?: boolean; link?: EntanglementLink } = {}) {
    super(link?.settings ?? defaultSuffix, { calm, hidden: true, write: writeSuffix });
    this.#engineOf = engineOf;
    this.restart();
    this.lookAt(link?.step ?? null);
    void this.compareWith(link?.runs);
  }

  protected get preview(): readonly SuffixState[] {
    return this.#expected.slice(0, 1);
  }
  protected override changed(settings: SuffixSettings, change: Partial<SuffixSettings>): SuffixSettings {
    return changeSuffix(settings, change);
  }

  protected keptOf(states: readonly SuffixState[]): readonly SuffixPoint[] {
    return states.map(({ step, record, next, diagnosis }) => ({
      step,
      chosen: chosenOf(record),
      rejected: rejectedOf(record),
      chosenMove: chosenOf(next) - chosenOf(record),
      rejectedMove: rejectedOf(next) - rejectedOf(record),
      cosine: diagnosis.cosine,
    }));
  }
  protected async trainApart(settings: SuffixSettings) {
    this.#oracle ??= openEngine({ backend: 'cpu' });
    const states: SuffixState[] = [];
    for await (const state of unhurried(suffixStates(await this.#oracle, settings))) states.push(state);
    return { states: this.keptOf(states), engine: 'cpu' as const };
  }
  protected forked(settings: SuffixSettings, at: number): SuffixSettings {
    return suffixForkedAt(settings, at);
  }
  protected get trainedOn(): PageEngine['backend'] {
    return this.#engine?.backend ?? 'cpu';
  }
  protected get expectedIsWhole(): boolean {
    return this.#expectedIsWhole;
  }
  override fork(at: number): void {
    this.#forkedFrom = this.#expectedIsWhole ? null : this.settings;
    super.fork(at);
  }

  /** the same run on the float64 CPU engine */
  get expected(): readonly SuffixState[] {
    return this.#expected;
  }
  /** where the run began; null before any engine has answered */
  get start(): SuffixState | null {
    return this.steps[0] ?? null;
  }
  /** the state shown, with what its update does and why; null before any engine has answered */
  get moment() {
    return this.#moment;
  }
  get moments(): readonly Moment[] {
    return this.#moments;
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
  get agreement(): Agreement | null {
    return this.#agreement;
  }
  /** Another engine is there: the same run begins on it, and the same step is shown. */
  changeEngine(): void {
    this.restartHere();
  }

  /** Trains with another objective, at the step size at which it pushes as hard at first as the default does. */
  choose(objective: PageChoice): void {
    const pair = this.#pairState;
    if (!pair || this.settings.update === 'normalised') {
      this.change({ objective }); // unit gradients: the objective does not set the size
      return;
    }
    const start = { ...pair, chosen: pair.refChosen, rejected: pair.refRejected };
    const known = { objective: defaultSuffix.objective, learningRate: updatePresets.plain };
    this.change({ objective, learningRate: matchedLearningRate(objective, known, start) });
  }

  protected async train(pace: Pace<SuffixState>): Promise<void> {
    await pace.seen(); // a view that was never open has no run
    const settings = this.settings;
    if (pace.stale()) return;
    await this.#expect(settings, pace.stale);
    while (this.#engineOf() === null) {
      await nextFrame();
      if (pace.stale()) return;
    }
    const engine = this.#engineOf();
    if (!engine || pace.stale()) return;
    this.#engine = engine;
    let last = -1;
    let due = 1; // the start
    const fork = this.forkOf(settings);
    for await (const state of suffixStates(engine, settings)) {
      if (pace.stale()) return;
      pace.append([state]);
      last = state.step;
      due--;
      // What is before a fork has been seen: the run is there at once.
      if (last < fork) due = 1;
      else if (due <= 0 && last < settings.steps) due = await pace.due(Math.min(mostUpdatesPerFrame, settings.steps - last));
      if (pace.stale()) return;
    }
    if (last < settings.steps) this.divergedAt = last + 1;
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
    this.#expectedIsWhole = false;
    const rest = async (): Promise<void> => {
      const expected = [start];
      for await (const state of unhurried(states)) {
        if (stale() && this.#forkedFrom !== settings) return;
        expected.push(state);
      }
      if (this.#forkedFrom === settings) {
        this.runs.keep({ settings, states: this.keptOf(expected), finished: true, engine: 'cpu' });
        this.#forkedFrom = null;
      }
      if (stale()) return;
      this.#expected = expected;
      this.#expectedIsWhole = true;
    };
    rest().catch((error: unknown) => console.error(error));
  }
}

/** How many objectives the axis speaks of. */
export const catalogueSize = objectives.length;
