import { sameJson } from '../../core/same.ts';
import type { PageEngineOwner } from '../../shell/engine/page-engine-owner.svelte.ts';
import { Turns } from '../../shell/engine/turns.ts';
import { Playhead } from '../../shell/runs/playhead.svelte.ts';
import type { Comparison, Quantity } from './race/curves.ts';
import { RaceLab } from './race/race.svelte.ts';
import { batchesOf, defaultGroups, enterWorld, type GroupsSettings } from './settings.ts';
import { defaultLook, type SlowLook, SlowMotion } from './slow/slow-motion.svelte.ts';

export const lenses = ['update', 'race'] as const;
export type Lens = (typeof lenses)[number];

/** What is looked at, besides the settings. */
export interface GroupsLook {
  readonly lens: Lens;
  readonly quantity: Quantity;
  readonly comparison: Comparison;
  /** the update of the race that is shown; null: the last */
  readonly step: number | null;
  readonly slow: SlowLook;
}

export const usualLook: GroupsLook = { lens: 'update', quantity: 'pass1', comparison: 'updates', step: null, slow: defaultLook };

export type GroupsLink = { readonly settings: GroupsSettings } & GroupsLook;

/** A population of prompts, a policy that answers them, and what methods of its own samples make of it. */
export class GroupsLab {
  readonly #owner: PageEngineOwner;
  readonly race: RaceLab;
  readonly slow: SlowMotion;
  /** the update that the race shows */
  readonly playhead: Playhead;
  /** set by the page: what a change leaves as it is */
  keep: <S extends object>(next: S, present: S) => S = (next) => next;

  #settings = $state.raw(defaultGroups);
  #lens = $state<Lens>(usualLook.lens);
  #quantity = $state<Quantity>(usualLook.quantity);
  #comparison = $state<Comparison>(usualLook.comparison);
  /** a method that the reader points at */
  pointed = $state<string | null>(null);
  readonly #turns = new Turns();

  constructor(owner: PageEngineOwner, { calm = false }: { calm?: boolean } = {}) {
    this.#owner = owner;
    this.race = new RaceLab(
      () => this.#settings,
      () => owner.engine,
      this.#turns,
    );
    this.slow = new SlowMotion(() => this.#settings, calm);
    this.playhead = new Playhead(() => batchesOf(this.#settings) * this.#settings.reuse, { calm });
  }

  get settings(): GroupsSettings {
    return this.#settings;
  }
  get lens(): Lens {
    return this.#lens;
  }
  get quantity(): Quantity {
    return this.#quantity;
  }
  get comparison(): Comparison {
    return this.#comparison;
  }
  get trainedOn(): 'webgpu' | 'cpu' | undefined {
    return this.#owner.engine?.backend;
  }
  get hasEngine(): boolean {
    return this.#owner.engine !== null;
  }
  /** the drawn state that the race shows: the last one that is not behind the playhead */
  get place(): number {
    return Math.max(
      0,
      this.race.updates.findLastIndex((update) => update <= this.playhead.step),
    );
  }
  get link(): GroupsLink {
    return {
      settings: this.#settings,
      lens: this.#lens,
      quantity: this.#quantity,
      comparison: this.#comparison,
      step: this.playhead.pinned,
      slow: this.slow.linked,
    };
  }

  change(change: Partial<GroupsSettings>): void {
    const next = this.keep({ ...this.#settings, ...change }, this.#settings);
    if (sameJson(next, this.#settings)) return;
    this.#settings = next;
    this.slow.leaveToReader();
    this.race.follow();
    void this.slow.refresh();
  }
  look({ lens, quantity, comparison }: Partial<Pick<GroupsLook, 'lens' | 'quantity' | 'comparison'>>): void {
    // a bandit has no prompts to show one of
    if (lens === 'update' && this.#settings.world === 'bandit') this.change(enterWorld('shared', 'bandit'));
    if (lens) this.#lens = this.#settings.world === 'bandit' ? 'race' : lens;
    if (quantity) this.#quantity = quantity;
    if (comparison) this.#comparison = comparison;
    if (lens === 'update') this.playhead.pause();
    if (lens === 'race') this.slow.rest();
  }
  restore({ settings, step, slow, ...look }: GroupsLink): void {
    this.#settings = settings;
    this.race.follow();
    this.look(settings.world === 'bandit' ? { ...look, lens: 'race' } : look);
    this.playhead.pin(step);
    this.slow.restore(slow);
  }
  setHidden(hidden: boolean): void {
    if (!hidden) {
      this.race.wake();
      return;
    }
    this.playhead.pause();
    this.slow.rest();
    this.race.rest();
  }
  /** Another engine is there: what was run stays. Resolves when the one before is let go of. */
  async changeEngine(): Promise<void> {
    this.race.rest();
    await this.#turns.take(async () => {});
    this.race.wake();
  }
}
