import { afterEach, expect, it, vi } from 'vitest';
import type { Experiment } from '../../src/core/experiment.ts';
import { SurvivingEngine } from '../../src/shell/engine/surviving-engine.svelte.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const experiment: Experiment = {
  policy: { kind: 'tabular', logits: [[0, 1]] },
  pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
  objective: { name: 'dpo' },
  optimizer: { kind: 'sgd', learningRate: 0.1, steps: 3 },
};

/** A worker that fails as it is made, as in a sandboxed frame, or as it is loaded. */
class Refused {
  constructor() {
    throw new DOMException('Access is denied.', 'SecurityError');
  }
}
class Unloaded {
  onerror: (event: unknown) => void = () => {};
  postMessage(): void {
    setTimeout(() => this.onerror({ message: '', preventDefault: () => {} }));
  }
  terminate(): void {}
}

it.each([
  ['made', Refused, /lets this page start no worker: Access is denied/],
  ['loaded', Unloaded, /could not be loaded/],
])('trains in the page itself where no worker can be %s, and says so', async (_, worker, reason) => {
  vi.stubGlobal('Worker', worker);
  const engine = await SurvivingEngine.open('cpu');
  expect(engine.news).toMatchObject({ kind: 'page', reason: expect.stringMatching(reason) });
  const { steps } = await engine.train(experiment);
  expect(steps.at(-1)?.step).toBe(3);
  engine.dispose();
});

/** A worker that the browser kills before its first word. */
class Mute {
  postMessage(): void {}
  terminate(): void {}
}

it('trains in the page itself where the worker says no first word', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('Worker', Mute);
  const opening = SurvivingEngine.open('cpu');
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  const engine = await opening;
  expect(engine.news).toMatchObject({ kind: 'page', reason: expect.stringMatching(/said nothing for 60 seconds/) });
  const { steps } = await engine.train(experiment);
  expect(steps.at(-1)?.step).toBe(3);
  engine.dispose();
});
