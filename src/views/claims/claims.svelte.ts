import { type Claim, type ClaimEngine, checkClaim, type Measurement, type Verdict } from '../../atlas/claim.ts';
import { messageOf } from '../../core/message-of.ts';
import { Turns } from '../../shell/engine/turns.ts';

/** A claim that was measured, and on what. */
export interface ClaimResult extends Measurement {
  readonly verdict: Verdict;
  readonly backend: ClaimEngine['backend'];
  readonly seeds: number;
  /** the first seed */
  readonly seed: number;
  readonly seconds: number;
}

export type ClaimStatus =
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly progress: number }
  | { readonly kind: 'failed'; readonly problem: string }
  | { readonly kind: 'measured'; readonly result: ClaimResult };

/** What a link to the claims holds. */
export interface ClaimsLink {
  /** seeds for every claim; null: each claim's own number */
  readonly seeds: number | null;
  readonly seed: number;
  /** the claim that is open */
  readonly claim: string | null;
}

const byDefault: ClaimsLink = { seeds: null, seed: 1, claim: null };

/** The claims as the reader has measured them, one after the other; results are kept by what was measured. */
export class ClaimsLab {
  #settings = $state.raw<Omit<ClaimsLink, 'claim'>>(byDefault);
  #open = $state<string | null>(null);
  #results = $state.raw<ReadonlyMap<string, ClaimResult>>(new Map());
  #problems = $state.raw<ReadonlyMap<string, string>>(new Map());
  #queue = $state.raw<readonly Claim[]>([]);
  #running = $state.raw<{ readonly id: string; readonly progress: number } | null>(null);
  #engine = $state.raw<ClaimEngine | null>(null);
  /** the claims that the view lists; none before it was opened */
  #claims: readonly Claim[] = [];
  #abort: AbortController | null = null;
  /** a claim that is given up ends before the next one begins */
  readonly #turns = new Turns();
  /** the claim of a link that was just opened: it runs as soon as there is an engine */
  #wanted: string | null = null;

  get seeds(): number | null {
    return this.#settings.seeds;
  }
  /** the first seed */
  get seed(): number {
    return this.#settings.seed;
  }
  /** the claim whose details are shown */
  get open(): string | null {
    return this.#open;
  }
  set open(id: string | null) {
    this.#open = id;
  }
  get isRunning(): boolean {
    return this.#running !== null;
  }
  /** claims that wait for their turn, the running one not counted */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Seeds that a claim is, or would be, measured with. */
  seedsOf(claim: Claim): number {
    return this.#settings.seeds ?? claim.seeds;
  }

  status(claim: Claim): ClaimStatus {
    if (this.#running?.id === claim.id) return { kind: 'running', progress: this.#running.progress };
    if (this.#queue.includes(claim)) return { kind: 'waiting' };
    const problem = this.#problems.get(claim.id);
    if (problem !== undefined) return { kind: 'failed', problem };
    const result = this.#results.get(this.#keyOf(claim));
    return result ? { kind: 'measured', result } : { kind: 'idle' };
  }

  /** The view is open on this engine, and lists these claims. */
  use(engine: ClaimEngine | null, claims: readonly Claim[]): void {
    if (engine !== this.#engine) this.cancel();
    this.#engine = engine;
    this.#claims = claims;
    this.#runWanted();
  }

  /** The view is closed: nothing goes on that nobody sees. What is measured stays. */
  leave(): void {
    this.cancel();
  }

  /** Other seeds: what was measured with the old ones is shown again when they come back. */
  change(settings: Partial<Omit<ClaimsLink, 'claim'>>): void {
    this.cancel();
    this.#settings = { ...this.#settings, ...settings };
    this.#problems = new Map();
  }

  /** Measures claims after those that wait already. */
  run(claims: readonly Claim[]): void {
    const asked = claims.filter((claim) => ['idle', 'failed'].includes(this.status(claim).kind));
    this.#problems = new Map([...this.#problems].filter(([id]) => !asked.some((claim) => claim.id === id)));
    this.#queue = [...this.#queue, ...asked];
    if (!this.#running) void this.#work();
  }

  /** Gives up the running claim and those that wait. */
  cancel(): void {
    this.#queue = [];
    this.#abort?.abort();
    this.#running = null;
  }

  get link(): ClaimsLink {
    return { ...this.#settings, claim: this.#open };
  }

  restore({ seeds, seed, claim }: ClaimsLink): void {
    if (seeds !== this.seeds || seed !== this.seed) this.change({ seeds, seed });
    this.#open = claim;
    this.#wanted = claim;
    this.#runWanted();
  }

  /** A link to a claim runs it. */
  #runWanted(): void {
    const wanted = this.#claims.find(({ id }) => id === this.#wanted);
    if (!this.#engine || !wanted) return;
    this.#wanted = null;
    this.run([wanted]);
  }

  #keyOf(claim: Claim): string {
    return [claim.id, this.seedsOf(claim), this.seed, this.#engine?.backend].join();
  }

  async #work(): Promise<void> {
    const engine = this.#engine;
    const abort = new AbortController();
    this.#abort = abort;
    while (engine && !abort.signal.aborted) {
      const [claim, ...rest] = this.#queue;
      if (!claim) break;
      this.#queue = rest;
      this.#running = { id: claim.id, progress: 0 };
      const [seeds, seed, key, began] = [this.seedsOf(claim), this.seed, this.#keyOf(claim), performance.now()];
      try {
        const measured = await this.#turns.take(() => {
          abort.signal.throwIfAborted();
          return checkClaim(claim, engine, {
            seeds,
            seed,
            signal: abort.signal,
            onProgress: (done, total) => {
              if (!abort.signal.aborted) this.#running = { id: claim.id, progress: done / total };
            },
          });
        });
        if (abort.signal.aborted) return;
        const seconds = (performance.now() - began) / 1000;
        this.#results = new Map([...this.#results, [key, { ...measured, backend: engine.backend, seeds, seed, seconds }]]);
      } catch (error) {
        if (abort.signal.aborted) return;
        this.#problems = new Map([...this.#problems, [claim.id, messageOf(error)]]);
      }
    }
    if (this.#abort === abort) this.#running = null;
  }
}
