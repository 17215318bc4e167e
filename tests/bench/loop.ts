import type { Contestant, Results, Way } from './contestant.ts';
import type { EnsembleTask, GradientsTask, PhaseMapTask, Side, Task } from './tasks.ts';

type Floats = Float32Array | Float64Array;
type MakeFloats = (length: number) => Floats;

function logSumExp(logits: Floats, first: number, columns: number): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (let v = first; v < first + columns; v++) if ((logits[v] as number) > peak) peak = logits[v] as number;
  let total = 0;
  for (let v = first; v < first + columns; v++) total += Math.exp((logits[v] as number) - peak);
  return peak + Math.log(total);
}

function logSoftmax(logits: Floats, columns: number, logProbs: Floats): void {
  for (let first = 0; first < logits.length; first += columns) {
    const total = logSumExp(logits, first, columns);
    for (let v = first; v < first + columns; v++) logProbs[v] = (logits[v] as number) - total;
  }
}

/** Log-prob of one sequence; leaves the log-sum-exp of its counted rows in `totals`. */
function sequenceLogp({ logits, tokens, mask }: Side, sequence: number, positions: number, columns: number, totals: Floats): number {
  let logp = 0;
  for (let t = 0; t < positions; t++) {
    const row = sequence * positions + t;
    if (!mask[row]) continue;
    const total = logSumExp(logits, row * columns, columns);
    totals[row] = total;
    logp += (logits[row * columns + (tokens[row] as number)] as number) - total;
  }
  return logp;
}

const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function gradients(task: GradientsTask, losses: Floats, both: readonly { side: Side; sign: number; gradient: Floats; totals: Floats }[]) {
  const { sequences, positions, columns, beta } = task;
  for (let sequence = 0; sequence < sequences; sequence++) {
    let margin = 0;
    for (const { side, sign, totals } of both)
      margin += sign * (sequenceLogp(side, sequence, positions, columns, totals) - (side.references[sequence] as number));
    losses[sequence] = softplus(-beta * margin);
    const slope = (-beta * sigmoid(-beta * margin)) / sequences;
    for (const { side, sign, gradient, totals } of both)
      for (let row = sequence * positions; row < (sequence + 1) * positions; row++) {
        const first = row * columns;
        if (!side.mask[row]) {
          gradient.fill(0, first, first + columns);
          continue;
        }
        const total = totals[row] as number;
        for (let v = first; v < first + columns; v++) gradient[v] = -sign * slope * Math.exp((side.logits[v] as number) - total);
        const token = first + (side.tokens[row] as number);
        gradient[token] = (gradient[token] as number) + sign * slope;
      }
  }
}

/** Both sides' log-prob gradients in full, as an engine for any objective must take them. */
function ensemble({ columns, steps, start, betas, rates }: EnsembleTask, make: MakeFloats): Floats {
  const margins = make(betas.length * rates.length);
  const [theta, probabilities] = [make(columns), make(columns)];
  const softmax = (): void => {
    let peak = theta[0] as number;
    for (let v = 1; v < columns; v++) if ((theta[v] as number) > peak) peak = theta[v] as number;
    let total = 0;
    for (let v = 0; v < columns; v++) {
      const e = Math.exp((theta[v] as number) - peak);
      probabilities[v] = e;
      total += e;
    }
    for (let v = 0; v < columns; v++) probabilities[v] = (probabilities[v] as number) / total;
  };
  const margin = (): number => Math.log(probabilities[1] as number) - Math.log(probabilities[2] as number);
  let run = 0;
  for (const rate of rates)
    for (const beta of betas) {
      theta.set(start);
      softmax();
      const reference = margin();
      for (let step = 0; step < steps; step++) {
        softmax();
        const slope = beta * sigmoid(-beta * (margin() - reference));
        for (let v = 0; v < columns; v++) {
          const p = probabilities[v] as number;
          theta[v] = (theta[v] as number) + rate * (slope * (Number(v === 1) - p) - slope * (Number(v === 2) - p));
        }
      }
      softmax();
      margins[run++] = margin();
    }
  return margins;
}

/** As above, with logits unembedding · hidden, both trained. */
function phaseMap({ steps, beta, hidden, unembedding, scales, rates }: PhaseMapTask, make: MakeFloats): Floats {
  const margins = make(scales.length * rates.length);
  const [columns, width] = [unembedding.length, hidden.length];
  const [w, h, gradient, logits, pull] = [make(columns * width), make(width), make(width), make(columns), make(columns)];
  const forward = (): number => {
    for (let v = 0; v < columns; v++) {
      let logit = 0;
      for (let k = 0; k < width; k++) logit += (w[v * width + k] as number) * (h[k] as number);
      logits[v] = logit;
    }
    return logSumExp(logits, 0, columns);
  };
  let run = 0;
  for (const rate of rates)
    for (const scale of scales) {
      w.set(unembedding.flatMap((row) => row.map((x) => x * scale)));
      h.set(hidden.map((x) => x / scale));
      forward();
      const reference = (logits[0] as number) - (logits[1] as number);
      for (let step = 0; step < steps; step++) {
        const total = forward();
        const slope = rate * beta * sigmoid(-beta * ((logits[0] as number) - (logits[1] as number) - reference));
        gradient.fill(0);
        for (let v = 0; v < columns; v++) {
          const p = Math.exp((logits[v] as number) - total);
          pull[v] = slope * (Number(v === 0) - p) - slope * (Number(v === 1) - p);
          for (let k = 0; k < width; k++) gradient[k] = (gradient[k] as number) + (pull[v] as number) * (w[v * width + k] as number);
        }
        for (let v = 0; v < columns; v++)
          for (let k = 0; k < width; k++) w[v * width + k] = (w[v * width + k] as number) + (pull[v] as number) * (h[k] as number);
        for (let k = 0; k < width; k++) h[k] = (h[k] as number) + (gradient[k] as number);
      }
      forward();
      margins[run++] = (logits[0] as number) - (logits[1] as number);
    }
  return margins;
}

/** The task as one thread's loops over typed arrays; `compute` does it once and returns its results. */
function loopsFor(task: Task, make: MakeFloats): () => Results {
  if (task.kernel === 'ensemble') return () => ({ margins: ensemble(task, make) });
  if (task.kernel === 'phase_map') return () => ({ margins: phaseMap(task, make) });
  if (task.kernel === 'log_softmax') {
    const logProbs = make(task.logits.length);
    return () => {
      logSoftmax(task.logits, task.columns, logProbs);
      return { logProbs };
    };
  }
  const { sequences, positions, columns } = task;
  if (task.kernel === 'sequence_logps') {
    const [logps, totals] = [make(sequences), make(sequences * positions)];
    return () => {
      for (let sequence = 0; sequence < sequences; sequence++)
        logps[sequence] = sequenceLogp(task.side, sequence, positions, columns, totals);
      return { logps };
    };
  }
  const losses = make(sequences);
  const parts = (side: Side, sign: number) => ({
    side,
    sign,
    gradient: make(side.logits.length),
    totals: new Float64Array(sequences * positions),
  });
  const both = [parts(task.chosen, 1), parts(task.rejected, -1)] as const;
  return () => {
    gradients(task, losses, both);
    return { losses, chosenGradient: both[0].gradient, rejectedGradient: both[1].gradient };
  };
}

/** The same loops over float64 arrays: what errors are measured against. */
export const reference = (task: Task): Results => loopsFor(task, (length) => new Float64Array(length))();

/** What plain JavaScript reaches in one thread: Float32Arrays, arithmetic in doubles. */
export const plainLoop: Contestant = {
  name: 'plain loop',
  prepare: (task) => {
    const compute = loopsFor(task, (length) => new Float32Array(length));
    let results: Results = {};
    const way: Way = {
      name: 'Float32Array',
      enqueue: () => {
        results = compute();
      },
      done: () => Promise.resolve(),
      read: () => Promise.resolve(results),
    };
    return Promise.resolve({ ways: [way], dispose: () => {} });
  },
};
