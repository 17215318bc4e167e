import type { PairDiagnosis, RecordedStep } from '../core/experiment.ts';
import { type SuffixGeometry, sharedSuffix, suffixGeometry } from '../experiments/shared-suffix.ts';
import { type Engine, openEngine } from '../train/engine.ts';
import type { PairForces } from './displacement.ts';
import { admissibleRatios, caseOf, firstOrderMove, normalisedForces, ratioMarks } from './entanglement.ts';
import type { EntanglementLink } from './entanglement-link.ts';
import { entanglementMoments } from './entanglement-moments.ts';
import { changeSuffix, countedSuffix, defaultSuffix, type SuffixSettings, updatePresets } from './entanglement-settings.ts';
import type { Moment } from './moments.ts';
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
import { type Agreement, nextFrame, type Pace, Player } from './player.svelte.ts';
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
/** Most updates between two frames: each asks the engine for the state's gradients, too. */
const mostUpdatesPerFrame = 8;

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
 * The toy with a shared suffix: one run on the page's engine, with the gradients of both answers at every step. The float64 CPU engine
 * goes the same way beside it.
 */
export class EntanglementLab extends Player<SuffixSettings, SuffixState> {
  #expected = $state.raw<readonly SuffixState[]>([]);
  /** the engine that the states come from */
  #engine = $state.raw<PageEngine | null>(null);

  readonly #engineOf: () => PageEngine | null;
  #oracle: Promise<Engine> | null = null;

  readonly #objective = $derived(viewObjective(this.settings.objective));
  readonly #evaluate = $derived(forcesOf(this.settings.objective));
  readonly #pairState = $derived.by((): PairState | null => {
    const [start, shown] = [this.start, this.current];
    return start && shown ? this.#pairOf(start.record, shown.record) : null;
  });
  readonly #moment = $derived.by(() => {
    const [state, pair] = [this.current, this.#pairState];
    if (!state || !pair) return null;
    const { diagnosis, closed, record, next } = state;
    const own = this.#evaluate(pair);
    const normalised = this.settings.update === 'normalised';
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
  /** what happens in the run so far */
  readonly #moments = $derived.by((): readonly Moment[] => {
    const [start] = this.recorded;
    if (!start) return [];
    const isNormalised = this.settings.update === 'normalised';
    const steps = this.recorded.map(({ step, record, diagnosis }) => {
      const forces = isNormalised ? normalisedForces(diagnosis) : this.#evaluate(this.#pairOf(start.record, record));
      return { ...diagnosis, step, forces, case: caseOf(firstOrderMove(diagnosis, forces)) };
    });
    return entanglementMoments(steps, isNormalised);
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
      agreement = { largestDifference: difference, lastStep: step };
    }
    return agreement;
  });

  constructor(engineOf: () => PageEngine | null, { calm = false, link }: { calm?: boolean; link?: EntanglementLink } = {}) {
    super(link?.settings ?? defaultSuffix, { calm, hidden: true });
    this.#engineOf = engineOf;
    this.restart();
    this.lookAt(link?.step ?? null);
  }

  protected get preview(): readonly SuffixState[] {
    return this.#expected.slice(0, 1);
  }
  protected changed(settings: SuffixSettings, change: Partial<SuffixSettings>): SuffixSettings {
    return changeSuffix(settings, change);
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
  get notice(): string | null {
    return null;
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
    for await (const state of suffixStates(engine, settings)) {
      if (pace.stale()) return;
      pace.append([state]);
      last = state.step;
      due--;
      if (due === 0 && last < settings.steps) due = await pace.due(Math.min(mostUpdatesPerFrame, settings.steps - last));
      if (pace.stale()) return;
    }
    if (last < settings.steps) this.divergedAt = last + 1;
  }

  /** The log-probs that the loss reads at a state of the run. */
  #pairOf(start: RecordedStep, now: RecordedStep): PairState {
    // The loss reads the counted tokens; masked ones stay where they were.
    const left = this.settings.suffix - countedSuffix(this.settings);
    const [ofChosen, ofRejected] = [left * Math.log(this.settings.afterChosen), left * Math.log(this.settings.afterRejected)];
    return {
      chosen: chosenOf(now) - ofChosen,
      rejected: rejectedOf(now) - ofRejected,
      refChosen: chosenOf(start) - ofChosen,
      refRejected: rejectedOf(start) - ofRejected,
      length: 1 + countedSuffix(this.settings),
    };
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
}

/** How many objectives the axis speaks of. */
export const catalogueSize = objectives.length;
