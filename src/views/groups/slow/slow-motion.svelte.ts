import { messageOf } from '../../../core/message-of.ts';
import type { OnPolicyRound } from '../../../core/on-policy.ts';
import { nextFrame } from '../../../shell/runs/timeline.svelte.ts';
import { type Engine, openEngine } from '../../../train/engine.ts';
import { pushesOf } from '../../../train/group/group-pushes.ts';
import { choiceOf, experimentOf, type MethodId, paramsOf, syncOf, typedId } from '../methods.ts';
import { batchesOf, type GroupsSettings } from '../settings.ts';
import { answers, type World, worldOf } from '../world.ts';
import { type GroupUpdate, groupUpdate } from './group-update.ts';
import { referenceBefore } from './reference.ts';

/** What an update consists of, in the order in which it is shown. The first three happen once a batch, the others at each update on it. */
export const stages = ['draw', 'reward', 'advantage', 'ratio', 'move'] as const;
export type Stage = (typeof stages)[number];

/** What of the run is looked at. */
export interface SlowLook {
  readonly method: MethodId;
  readonly seed: number;
  /** null: the first whose group has both right and wrong answers, and a clip, where there is one */
  readonly prompt: number | null;
  readonly batch: number;
  /** place among the stops of the batch */
  readonly stop: number;
}

export const defaultLook: SlowLook = { method: 'grpo', seed: 1, prompt: null, batch: 0, stop: 0 };

const onceABatch = 3;
/** Stops of a batch. */
export const stopsOf = ({ reuse }: Pick<GroupsSettings, 'reuse'>): number => onceABatch + 2 * reuse;

/** The stage and the update within the batch that a stop shows. */
export function stopAt(stop: number): { readonly stage: Stage; readonly update: number } {
  if (stop < onceABatch) return { stage: stages[stop] ?? 'draw', update: 0 };
  return { stage: (stop - onceABatch) % 2 === 0 ? 'ratio' : 'move', update: Math.floor((stop - onceABatch) / 2) };
}

/** Milliseconds that a stop is shown while it plays: longer where nobody has asked, and all of it is new. */
const pace = 1600;
const firstPace = 2600;

const isClippedIn = (update: GroupUpdate | null): boolean => update?.drawn.some(({ clipped }) => clipped !== null) ?? false;

interface Recorded {
  readonly key: string;
  readonly batches: number;
  readonly world: World;
  /** of every update */
  readonly states: readonly OnPolicyRound[];
}

/** A run of one method, of which every number of every update is kept, and what of it is looked at. In float64. */
export class SlowMotion {
  readonly #settings: () => GroupsSettings;
  readonly #calm: boolean;
  #oracle: Engine | null = null;
  #look = $state.raw<SlowLook>(defaultLook);
  #run = $state.raw<Recorded | null>(null);
  #pushes = $state.raw<{ readonly key: string; readonly values: readonly (readonly number[])[] } | null>(null);
  #problem = $state<string | null>(null);
  #playing = $state(false);
  /** the first update plays once where nobody has done anything yet; `begun`: it does, or has */
  #byItself = $state.raw<'will begin' | 'begun' | null>('will begin');
  #asked = 0;
  #job: AbortController | null = null;

  constructor(settings: () => GroupsSettings, calm: boolean) {
    this.#settings = settings;
    this.#calm = calm;
    if (calm) this.#byItself = null;
  }

  get look(): SlowLook {
    return this.#look;
  }
  /** for a link: what plays by itself does so for whoever opens it */
  get linked(): SlowLook {
    return this.#byItself === null ? this.#look : { ...this.#look, batch: defaultLook.batch, stop: defaultLook.stop };
  }
  get beginsByItself(): boolean {
    return this.#byItself === 'will begin';
  }
  /** Plays to the first clip of the first batch, or to its end where nothing is clipped, unless the reader has been before. */
  beginByItself(): void {
    if (!this.beginsByItself) return;
    this.#byItself = 'begun';
    this.#play(({ batch, stop }) => batch > 0 || stop === this.stops - 1 || this.#showsClip);
  }
  /** The reader is here: nothing begins by itself any more. */
  leaveToReader(): void {
    if (this.beginsByItself) this.#byItself = null;
  }
  /** Nobody sees it: what has begun by itself goes on when it is seen again. */
  rest(): void {
    if (this.#playing && this.#byItself === 'begun') this.#byItself = 'will begin';
    this.#halt();
  }
  /** the method that is shown: of a typed loss that is gone the usual one */
  get method(): MethodId {
    return this.#look.method === typedId && !this.#settings().typed ? defaultLook.method : this.#look.method;
  }
  get problem(): string | null {
    return this.#problem;
  }
  get playing(): boolean {
    return this.#playing;
  }
  /** what is told is that answers are clipped */
  get #showsClip(): boolean {
    return this.stage === 'ratio' && isClippedIn(this.shown);
  }
  /** batches that have been recorded */
  get batches(): number {
    return batchesOf(this.#settings());
  }
  get stops(): number {
    return stopsOf(this.#settings());
  }
  get #at(): { readonly batch: number; readonly stop: number } {
    return { batch: Math.min(this.#look.batch, this.batches - 1), stop: Math.min(this.#look.stop, this.stops - 1) };
  }
  get batch(): number {
    return this.#at.batch;
  }
  get stage(): Stage {
    return stopAt(this.#at.stop).stage;
  }
  /** of the batch, from 0 */
  get update(): number {
    return stopAt(this.#at.stop).update;
  }
  get isFirst(): boolean {
    return this.#at.batch === 0 && this.#at.stop === 0;
  }
  get isLast(): boolean {
    return this.#at.batch === this.batches - 1 && this.#at.stop === this.stops - 1;
  }

  readonly #key = $derived.by(() => {
    const settings = this.#settings();
    const { world, groupSize, learningRate, reuse, scale, epsilon, epsilonHigh, beta, kl, entropy, typed } = settings;
    const shared = [world, groupSize, learningRate, reuse, scale, epsilon, epsilonHigh, beta, kl, entropy];
    return JSON.stringify([
      ...[this.method, this.#look.seed, ...shared, syncOf(this.method, settings)],
      this.method === typedId ? typed : null,
    ]);
  });
  /** groups of the batch that is shown, one a prompt */
  readonly #groups = $derived.by(() => {
    const { reuse } = this.#settings();
    return this.#run?.states[this.batch * reuse]?.groups ?? [];
  });
  /** of each prompt, how many answers of its group are right */
  readonly rightCounts: readonly number[] = $derived.by(() =>
    this.#groups.map(({ prompt, responses }) => responses.filter((one) => one === this.#run?.world.right[prompt]).length),
  );
  /** the prompt that is shown; unless one is asked for, the first with right and wrong answers of which some are clipped in the batch */
  readonly prompt: number = $derived.by(() => {
    const { groupSize, reuse } = this.#settings();
    const mixed = this.rightCounts.flatMap((count, prompt) => (count > 0 && count < groupSize ? [prompt] : []));
    const isClipped = (prompt: number): boolean =>
      Array.from({ length: reuse }, (_, update) => this.#updateOf(prompt, update)).some(isClippedIn);
    return this.#look.prompt ?? mixed.find(isClipped) ?? mixed[0] ?? 0;
  });
  /** everything about the group's update that is shown; null before it is computed */
  readonly shown: GroupUpdate | null = $derived.by(() => this.#updateOf(this.prompt, this.update));

  /** An update of the batch that is shown, on the group of a prompt. */
  #updateOf(prompt: number, update: number): GroupUpdate | null {
    const settings = this.#settings();
    const run = this.#run;
    if (!run || run.key !== this.#key) return null;
    const first = this.batch * settings.reuse;
    const [drawnFrom, now, next] = [run.states[first], run.states[first + update], run.states[first + update + 1]];
    if (!drawnFrom || !now || !next) return null;
    const key = `${run.key} ${first + update}`;
    return groupUpdate({
      id: this.method,
      params: paramsOf(this.method, settings),
      prompt,
      right: run.world.right[prompt] ?? 0,
      hasBonus: settings.entropy > 0,
      groups: this.#groups,
      drawnFrom: drawnFrom.outcomeLogps,
      now: now.outcomeLogps,
      next: next.outcomeLogps,
      pushes: this.#pushes?.key === key ? (this.#pushes.values[prompt] ?? null) : null,
    });
  }

  /** Looks at something else of the run, or at another run. */
  show(change: Partial<SlowLook>): void {
    this.pause();
    this.#take(change);
  }
  /** What a link shows: from the start of an update on it plays by itself, as it would have without. */
  restore(look: SlowLook): void {
    const mayBegin = this.beginsByItself && look.batch === defaultLook.batch && look.stop === defaultLook.stop;
    this.show(look);
    if (mayBegin) this.#byItself = 'will begin';
  }
  /** One stop on or back, over the border of batches. */
  step(by: 1 | -1): void {
    this.pause();
    this.#move(by);
  }
  pause(): void {
    this.#byItself = null;
    this.#halt();
  }
  play(): void {
    this.#byItself = null;
    if (this.isLast) this.#take({ batch: 0, stop: 0 });
    this.#play(() => this.isLast);
  }

  toggle(): void {
    if (this.#playing) this.pause();
    else this.play();
  }

  #halt(): void {
    this.#asked++;
    this.#playing = false;
  }
  #play(isOver: (at: { readonly batch: number; readonly stop: number }) => boolean): void {
    const asked = ++this.#asked;
    this.#playing = true;
    void this.#playOn(asked, isOver);
  }

  async #playOn(asked: number, isOver: (at: { readonly batch: number; readonly stop: number }) => boolean): Promise<void> {
    let since = performance.now();
    while (asked === this.#asked) {
      await nextFrame();
      if (asked !== this.#asked) return;
      if (!this.shown && !this.#problem) since = performance.now(); // it is not there yet
      if (performance.now() - since < (this.#byItself ? firstPace : pace) * (this.#calm ? 1.5 : 1)) continue;
      since = performance.now();
      if (isOver(this.#at)) this.#halt();
      else this.#move(1);
    }
  }

  #move(by: 1 | -1): void {
    const { batch, stop } = this.#at;
    const next = stop + by;
    if (next >= 0 && next < this.stops) this.#take({ stop: next });
    else if (by > 0 && batch < this.batches - 1) this.#take({ batch: batch + 1, stop: 0 });
    else if (by < 0 && batch > 0) this.#take({ batch: batch - 1, stop: this.stops - 1 });
  }

  #take(change: Partial<SlowLook>): void {
    this.#look = { ...this.#look, ...change };
    void this.refresh();
  }

  /** Computes what is shown, where it is not there yet. Resolves when it is. */
  async refresh(): Promise<void> {
    if (this.#settings().world === 'bandit') return; // no prompts to show one of
    try {
      await this.#train();
      await this.#findPushes();
    } catch (error) {
      this.#problem = messageOf(error);
    }
  }

  /** As far as what is shown, and as much again: the run is the same however far it goes. */
  async #train(): Promise<void> {
    const key = this.#key;
    if (this.#run?.key === key && this.#run.batches > this.batch) return;
    this.#job?.abort();
    const job = new AbortController();
    this.#job = job;
    const settings = this.#settings();
    const { seed } = this.#look;
    this.#oracle ??= await openEngine({ backend: 'cpu' });
    const batches = Math.min(this.batches, 2 * (this.batch + 1));
    const total = batches * settings.reuse;
    const experiment = experimentOf(this.method, seed, { ...settings, updates: total });
    const record = Array.from({ length: total + 1 }, (_, update) => update);
    const trials = await this.#oracle.trials([experiment], { record, signal: job.signal }).catch((error) => {
      if (!job.signal.aborted) throw error;
      return [];
    });
    if (job.signal.aborted) return;
    const [trial] = trials;
    this.#run = { key, batches, world: worldOf(settings, seed), states: trial?.rounds ?? [] };
    this.#problem = trial?.diverged ? 'The numbers of this run overflow. A smaller step may help.' : null;
  }

  async #findPushes(): Promise<void> {
    const run = this.#run;
    const settings = this.#settings();
    if (!run || run.key !== this.#key) return;
    const first = this.batch * settings.reuse;
    const key = `${run.key} ${first + this.update}`;
    if (this.#pushes?.key === key) return;
    const [drawnFrom, now] = [run.states[first], run.states[first + this.update]];
    if (!drawnFrom || !now) return;
    const values = await pushesOf(choiceOf(this.method, settings), drawnFrom.groups ?? [], answers, {
      now: now.outcomeLogps,
      drawnFrom: drawnFrom.outcomeLogps,
      reference: referenceBefore(run.states, first + this.update, syncOf(this.method, settings), answers),
    });
    this.#pushes = { key, values };
  }
}
