import { expect, test } from 'vitest';
import { openEngine, type Sweep } from '../../src/index.ts';

// Not part of `npm test`: times mean something only on a quiet machine with the adapter that is asked about. Prints ratios. To run it,
// give the `gpu` project of vite.config.ts the pattern 'tests/bench/*.bench.ts' instead of its own.

const [side, K, steps] = [256, 8, 200];
const logits = Array.from({ length: K }, (_, v) => 0.1 * v);
const axis = (most: number) => Array.from({ length: side }, (_, i) => ((i + 1) * most) / side);
const sweep: Sweep = {
  experiment: {
    policy: { kind: 'tabular', logits: [logits] },
    pairs: [{ prompt: 0, chosen: 1, rejected: 2 }],
    objective: { name: 'dpo', params: { beta: 0.1 } },
    optimizer: { kind: 'sgd', learningRate: 0.1, steps },
  },
  x: { path: 'objective.params.beta', values: axis(2) },
  y: { path: 'optimizer.learningRate', values: axis(1) },
};

/** The same work as plain loops over Float32Arrays in one thread; returns the final margins [y][x]. */
function plainLoop({ experiment, x, y }: Sweep): Float32Array {
  const { policy, pairs } = experiment;
  if (policy.kind !== 'tabular') throw new Error('The loop is written for a tabular policy.');
  const start = Float32Array.from(policy.logits[0] ?? []);
  const [chosen, rejected] = [pairs[0]?.chosen as number, pairs[0]?.rejected as number];
  const margins = new Float32Array(x.values.length * y.values.length);
  const [theta, p] = [new Float32Array(K), new Float32Array(K)];
  const softmax = (): void => {
    let peak = theta[0] as number;
    for (let v = 1; v < K; v++) if ((theta[v] as number) > peak) peak = theta[v] as number;
    let total = 0;
    for (let v = 0; v < K; v++) {
      p[v] = Math.exp((theta[v] as number) - peak);
      total += p[v] as number;
    }
    for (let v = 0; v < K; v++) p[v] = (p[v] as number) / total;
  };
  let cell = 0;
  for (const rate of y.values)
    for (const beta of x.values) {
      theta.set(start);
      softmax();
      const reference = Math.log(p[chosen] as number) - Math.log(p[rejected] as number);
      for (let step = 0; step < steps; step++) {
        softmax();
        const margin = Math.log(p[chosen] as number) - Math.log(p[rejected] as number) - reference;
        const slope = beta / (1 + Math.exp(beta * margin));
        // d(-loss)/dθ = slope ((e_w - p) - (e_l - p)), both sides as an engine for any policy must take them
        for (let v = 0; v < K; v++) {
          const g = slope * ((v === chosen ? 1 : 0) - (p[v] as number)) - slope * ((v === rejected ? 1 : 0) - (p[v] as number));
          theta[v] = (theta[v] as number) + rate * g;
        }
      }
      softmax();
      margins[cell++] = Math.log(p[chosen] as number) - Math.log(p[rejected] as number);
    }
  return margins;
}

test(`${side * side} tabular runs of ${steps} steps against a plain loop in the same browser`, async () => {
  const time = async <T>(work: () => T | Promise<T>) => {
    const began = performance.now();
    const result = await work();
    return { result, time: performance.now() - began };
  };
  plainLoop({ ...sweep, y: { ...sweep.y, values: sweep.y.values.slice(0, 8) } }); // lets the compiler see it
  const loop = await time(() => plainLoop(sweep));
  const engine = await openEngine({ backend: 'webgpu' });
  await engine.sweep({ ...sweep, y: { ...sweep.y, values: sweep.y.values.slice(0, 1) } }); // compiles the shader
  const ensemble = await time(() => engine.sweep(sweep));
  const { adapter } = engine;
  engine.dispose();
  const worst = ensemble.result.margin.reduce(
    (most, margin, cell) => Math.max(most, Math.abs(margin - (loop.result[cell] ?? Number.NaN))),
    0,
  );
  expect(worst).toBeLessThan(1e-3); // the loop rounds its probabilities to float32 and takes logs of them
  const ratio = loop.time / ensemble.time;
  console.log(
    `ensemble on ${adapter?.vendor} ${adapter?.architecture}${adapter?.isFallback ? ' (software)' : ''}: ${ratio.toFixed(2)} times as fast as the plain loop ` +
      `(${ensemble.time.toFixed(0)} ms against ${loop.time.toFixed(0)} ms, largest difference ${worst.toExponential(1)})`,
  );
});
