import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Pace, Timeline } from '../../src/shell/runs/timeline.svelte.ts';
import { openEngine } from '../../src/train/engine.ts';
import { ModesLab } from '../../src/views/modes/modes.svelte.ts';
import { defaultModes } from '../../src/views/modes/modes.ts';

const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await nextTurn();
};

/** Counts to a number, one step each time that it is let. */
class Counter extends Timeline<{ readonly step: number }> {
  readonly #last: number;
  constructor(last = 1000) {
    super({ nextFrame: nextTurn, speed: Number.POSITIVE_INFINITY });
    this.#last = last;
  }
  start(): Promise<boolean> {
    return this.follow(this.begin('playing'), (pace) => this.#count(pace));
  }
  cancel(): void {
    this.stop();
  }
  async #count(pace: Pace<{ readonly step: number }>): Promise<void> {
    pace.append([{ step: 0 }]);
    for (let step = 1; step <= this.#last; step++) {
      await pace.due(1);
      if (pace.stale()) return;
      if (step === 7 && this.#last === 7) throw new Error('Seven is too much.');
      pace.append([{ step }]);
    }
  }
}

describe('a timeline', () => {
  it('follows the newest state, rests while it is paused or unseen, and steps through what is known first', async () => {
    const counter = new Counter();
    const ended = counter.start();
    await vi.waitFor(() => expect(counter.steps.length).toBeGreaterThan(5));
    expect(counter.position).toBe(counter.steps.length - 1);
    counter.pin(2.6);
    expect(counter.position).toBe(3);
    counter.pin(2.4);
    expect([counter.status, counter.position]).toEqual(['paused', 2]);
    counter.hover(4);
    expect(counter.position).toBe(4);
    counter.hover(null);
    await turns(3);
    const { length } = counter.steps;
    counter.stepOnce();
    await turns(5);
    expect([counter.position, counter.steps.length]).toEqual([3, length]);
    counter.pin(1e9); // past the newest
    counter.stepOnce();
    await vi.waitFor(() => expect(counter.steps.length).toBe(length + 1));
    await turns(5);
    expect([counter.position, counter.steps.length]).toEqual([length, length + 1]);
    counter.setHidden(true);
    counter.play();
    await turns(5);
    expect([counter.status, counter.steps.length]).toEqual(['playing', length + 1]);
    counter.setHidden(false);
    await vi.waitFor(() => expect(counter.steps.length).toBeGreaterThan(length + 5));
    counter.cancel();
    expect(await ended).toBe(false);
  });

  it('ends one run when the next begins, and says why one cannot go on', async () => {
    const counter = new Counter(7);
    const first = counter.start();
    await turns(3);
    const second = counter.start();
    expect(await first).toBe(false);
    expect(await second).toBe(false);
    expect(counter).toMatchObject({ status: 'failed', problem: 'Seven is too much.' });
    expect(counter.steps.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

/** Counts as far as it is asked, in one piece that takes its time. */
class SlowCounter extends Timeline<{ readonly step: number }> {
  #finish = () => {};
  #begun = () => {};
  readonly begun = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });
  constructor() {
    super({ nextFrame: nextTurn });
    void this.follow(this.begin('paused'), async (pace) => {
      pace.append([{ step: 0 }]);
      for (let from = 0; from < 100; ) {
        const updates = await pace.due(100);
        if (pace.stale()) return;
        this.#begun();
        await new Promise<void>((resolve) => {
          this.#finish = resolve;
        });
        pace.append(Array.from({ length: updates }, (_, index) => ({ step: from + 1 + index })));
        from += updates;
      }
    });
  }
  finish(): void {
    this.#finish();
  }
}

describe('what is asked for while updates are under way', () => {
  it.each([0, 1, 40])('is shown when they come: step %i', async (wanted) => {
    const counter = new SlowCounter();
    counter.goTo(100);
    await counter.begun;
    counter.pin(0);
    if (wanted > 0) counter.goTo(wanted);
    expect([counter.position, counter.heading]).toEqual([0, wanted]);
    counter.finish();
    await vi.waitFor(() => expect(counter.status).toBe('finished'));
    expect([counter.steps.length, counter.position, counter.heading]).toEqual([101, wanted, wanted]);
  });

  it('goes on to a step that is further than they lead', async () => {
    const counter = new SlowCounter();
    counter.goTo(10);
    await counter.begun;
    counter.pin(0);
    counter.goTo(30);
    counter.finish();
    await vi.waitFor(() => expect(counter.steps.length).toBe(11));
    await turns(5);
    counter.finish();
    await vi.waitFor(() => expect(counter.steps.length).toBe(31));
    expect([counter.position, counter.status]).toEqual([30, 'paused']);
  });
});

describe('descents that are computed whole', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('play by themselves, go on from where they were scrubbed to, and play again from the start', async () => {
    vi.stubGlobal('requestAnimationFrame', (done: (now: number) => void) => setTimeout(() => done(performance.now()), 1));
    const engine = await openEngine({ backend: 'cpu' });
    const lab = new ModesLab();
    lab.restore({ settings: { ...defaultModes, steps: 60 }, step: null });
    lab.use(engine);
    await vi.waitFor(() => expect(lab.status).toBe('playing'), { timeout: 120_000 });
    const { length } = lab.steps;
    expect(lab.shown.step).toBeLessThan(60);
    expect(lab.link.step).toBeNull(); // what moves by itself is not in a link
    lab.pin(3);
    await turns(20);
    expect([lab.status, lab.shown.step, lab.link.step]).toEqual(['paused', 3, 3]);
    lab.play();
    await vi.waitFor(() => expect(lab.shown.step).toBeGreaterThan(3));
    lab.setSpeed(Number.POSITIVE_INFINITY);
    await vi.waitFor(() => expect(lab.status).toBe('finished'));
    expect([lab.shown.step, lab.steps.length, lab.link.step]).toEqual([60, length, 60]);
    lab.setSpeed(1);
    lab.play();
    await turns(2);
    expect([lab.status, lab.shown.step]).toEqual(['playing', 0]);
    lab.leave();
    expect(lab.status).toBe('paused');
    engine.dispose();
  });
});
