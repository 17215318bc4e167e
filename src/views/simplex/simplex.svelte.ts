import type { FlowLines } from '../../core/flow.ts';
import { messageOf } from '../../core/message-of.ts';
import {
  areEqual,
  clampMix,
  type Mesh,
  type Mix,
  meshOf,
  type Region,
  type Rest,
  restsOf,
  spreadMixes,
} from '../../core/simplex-geometry.ts';
import type { EngineCalls } from '../../shell/engine/page-engine.ts';
import { type ObjectiveView, type PageChoice, viewObjective } from '../../shell/losses/objective-view.ts';
import {
  changeSimplex,
  defaultSimplex,
  fallsOn,
  flowFrom,
  isDrawn,
  leastShare,
  pathStep,
  referenceOf,
  type SimplexSettings,
} from './simplex.ts';
import { defaultStarts, mostStarts, type SimplexLink } from './simplex-link.ts';

/** One picture of a flow: streamlines, where the chosen log-prob falls, and where the flow rests. */
export interface Field {
  readonly settings: SimplexSettings;
  readonly lines: FlowLines;
  /** where d log π(y_w)/dt < 0 */
  readonly falls: Region;
  readonly rest: Rest;
  /** the loss pulls both answers alike, and towards the chosen one, at every point of the triangle */
  readonly isOfMargin: boolean;
}

/** A trajectory from where the reader set it, up to where it hardly moves any more. */
export interface Trajectory {
  readonly start: Mix;
  /** whether it begins at the reference */
  readonly isReference: boolean;
  readonly mixes: readonly Mix[];
  /** learning rate × updates */
  readonly times: readonly number[];
  readonly chosenRates: readonly number[];
}

/** Streamlines of the picture: all, and how many are drawn first while a slow engine is asked again and again. */
const lineCounts = { all: 4608, first: 1024, free: 1536 } as const;
const line = { size: 0.009, steps: 10 } as const;
/** Changes within this time are one: the ghost shows what was there before the first of them, in milliseconds. */
const together = 900;
/** An engine that takes longer than this for the whole picture shows a part of it first, in milliseconds. */
const patience = 80;

/** What is computed after a change, what matters most first. */
const stages = ['picture', 'paths', 'free', 'whole'] as const;
type Stage = (typeof stages)[number];

const spread = spreadMixes(lineCounts.all);
const mesh: Mesh = meshOf(64);

const mixAt = ({ corners, starts }: FlowLines, point: number, start: number): Mix => {
  const [first = 0, second = 0, third = 0] = corners.map((corner) => corner[point * starts + start]);
  return [first, second, third];
};

/** The trajectory as far as it moves by more than the width of a line. */
function trajectoryOf(lines: FlowLines, index: number, start: Mix, isReference: boolean): Trajectory {
  const mixes = Array.from({ length: lines.steps + 1 }, (_, point) => mixAt(lines, point, index));
  const end = mixes.at(-1) ?? start;
  const isNear = (mix: Mix): boolean => mix.every((p, i) => Math.abs(p - (end[i] ?? 0)) < 0.0015);
  const last = Math.max(1, mixes.findLastIndex((mix) => !isNear(mix)) + 1);
  const column = (values: ArrayLike<number>): number[] =>
    Array.from({ length: last + 1 }, (_, point) => values[point * lines.starts + index] ?? Number.NaN);
  return { start, isReference, mixes: mixes.slice(0, last + 1), times: column(lines.time), chosenRates: column(lines.chosenRate) };
}

/** The flow on the simplex: computed again whenever a setting changes, always for the newest settings. */
export class SimplexLab {
  #settings = $state.raw<SimplexSettings>(defaultSimplex);
  #starts = $state.raw<readonly Mix[]>(defaultStarts);
  #field = $state.raw<Field | null>(null);
  #free = $state.raw<Field | null>(null);
  #ghost = $state.raw<Field | null>(null);
  #trajectories = $state.raw<readonly Trajectory[]>([]);
  /** which trajectory the curves show; 0 begins at the reference */
  #selected = $state(0);
  /** share of the selected trajectory that is shown */
  #share = $state(1);
  #problem = $state<string | null>(null);
  readonly #objective: ObjectiveView = $derived(viewObjective(this.#settings.objective));

  #engine: EngineCalls | null = null;
  readonly #pending = new Set<Stage>(stages);
  #isDriving = false;
  #lastChange = 0;
  /** how long the last whole picture took, in milliseconds */
  #cost = Number.POSITIVE_INFINITY;

  get settings(): SimplexSettings {
    return this.#settings;
  }
  get objective(): ObjectiveView {
    return this.#objective;
  }
  /** where trajectories begin, besides the reference */
  get starts(): readonly Mix[] {
    return this.#starts;
  }
  /** null before any engine has answered */
  get field(): Field | null {
    return this.#field;
  }
  /** the same objective on free logits */
  get free(): Field | null {
    return this.#free;
  }
  /** the field before the last change; null where there was none */
  get ghost(): Field | null {
    return this.#ghost;
  }
  get trajectories(): readonly Trajectory[] {
    return this.#trajectories;
  }
  get selected(): number {
    return Math.min(this.#selected, this.#trajectories.length - 1);
  }
  get problem(): string | null {
    return this.#problem;
  }
  /** the trajectory of the curves; null before any engine has answered */
  get trajectory(): Trajectory | null {
    return this.#trajectories[this.selected] ?? null;
  }
  /** the point of the selected trajectory that is shown */
  get index(): number {
    const { trajectory } = this;
    return trajectory ? Math.round(this.#share * (trajectory.mixes.length - 1)) : 0;
  }
  /** learning rate × updates at the point shown */
  get time(): number {
    return this.trajectory?.times[this.index] ?? 0;
  }
  get link(): SimplexLink {
    return { settings: this.#settings, starts: this.#starts };
  }

  use(engine: EngineCalls | null): void {
    if (engine === this.#engine) return;
    this.#engine = engine;
    this.#wake(...stages);
  }

  /** Nobody sees a view that was left: nothing more is computed for it. */
  leave(): void {
    this.#engine = null;
  }

  change(change: Partial<SimplexSettings>): void {
    this.#set(changeSimplex(this.#settings, change), this.#starts);
  }

  choose(objective: PageChoice): void {
    this.change({ objective });
  }

  reset(): void {
    this.#selected = 0;
    this.#share = 1;
    this.#set(defaultSimplex, defaultStarts);
  }

  restore({ settings, starts }: SimplexLink): void {
    this.#set(settings, starts);
  }

  moveReference(mix: Mix): void {
    this.change({ reference: clampMix(mix, leastShare) });
  }

  /** Begins one more trajectory, and shows it; beyond the most that are kept the oldest goes. */
  drop(mix: Mix): void {
    this.#starts = [...this.#starts, clampMix(mix, leastShare)].slice(-mostStarts);
    this.#selected = this.#starts.length;
    this.#share = 1;
    this.#wake('paths');
  }

  moveStart(index: number, mix: Mix): void {
    this.#starts = this.#starts.map((start, i) => (i === index ? clampMix(mix, leastShare) : start));
    this.#selected = index + 1;
    this.#wake('paths');
  }

  clear(): void {
    this.#starts = [];
    this.#selected = 0;
    this.#wake('paths');
  }

  select(index: number): void {
    this.#selected = index;
  }

  /** Shows a point of the selected trajectory; between two points, the nearer. */
  show(index: number): void {
    const last = (this.trajectory?.mixes.length ?? 1) - 1;
    this.#share = last > 0 ? Math.max(0, Math.min(1, index / last)) : 1;
  }

  #set(settings: SimplexSettings, starts: readonly Mix[]): void {
    const now = performance.now();
    if (now - this.#lastChange > together) this.#ghost = this.#field;
    this.#lastChange = now;
    this.#settings = settings;
    this.#starts = starts;
    this.#wake(...stages);
  }

  #wake(...changed: readonly Stage[]): void {
    for (const stage of changed) this.#pending.add(stage);
    if (this.#isDriving || !this.#engine) return;
    this.#isDriving = true;
    this.#problem = null;
    this.#drive()
      .catch((error: unknown) => {
        this.#pending.clear();
        this.#problem = messageOf(error);
      })
      .finally(() => {
        this.#isDriving = false;
        if (this.#pending.size > 0) this.#wake();
      });
  }

  /** Computes until nothing is out of date. What comes too late is shown all the same: the picture follows a drag. */
  async #drive(): Promise<void> {
    for (;;) {
      const engine = this.#engine;
      const stage = stages.find((each) => this.#pending.has(each));
      if (!engine || !stage) return;
      this.#pending.delete(stage);
      const settings = this.#settings;
      if (stage === 'paths') await this.#follow(engine, settings);
      else if (stage === 'free') this.#free = await this.#compute(engine, settings, 'free', lineCounts.free);
      else {
        const isPart = stage === 'picture' && this.#cost > patience;
        const began = performance.now();
        this.#field = await this.#compute(engine, settings, 'shared', isPart ? lineCounts.first : lineCounts.all);
        if (isPart) continue;
        this.#cost = performance.now() - began;
        if (settings === this.#settings) this.#pending.delete('whole');
      }
    }
  }

  async #compute(engine: EngineCalls, settings: SimplexSettings, parameters: 'shared' | 'free', count: number): Promise<Field> {
    const at = await engine.flow(flowFrom(settings, parameters, mesh.mixes, { size: 1, steps: 0 }));
    const lines = await engine.flow(flowFrom(settings, parameters, spread.slice(0, count), line));
    return {
      settings,
      lines,
      falls: fallsOn(mesh, at, !isDrawn(settings)),
      rest: restsOf(mesh, at.chosenForce, at.rejectedForce),
      isOfMargin: !isDrawn(settings) && areEqual(at.chosenForce, at.rejectedForce) && at.chosenForce.every((force) => force > 0),
    };
  }

  async #follow(engine: EngineCalls, settings: SimplexSettings): Promise<void> {
    const starts = this.#starts;
    const all = [clampMix(referenceOf(settings), leastShare / 2), ...starts];
    const lines = await engine.flow(flowFrom(settings, 'shared', all, pathStep));
    this.#trajectories = all.map((start, index) => trajectoryOf(lines, index, start, index === 0));
  }
}
