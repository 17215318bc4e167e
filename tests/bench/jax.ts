import { defaultDevice, getWebGPUDevice, grad, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { Contestant, Prepared, Way } from './contestant.ts';
import { type GradientsTask, isRuns, type LogpsTask, packRuns, type RunsTask, type Side, type Task } from './tasks.ts';

// jax-js counts references: an operation consumes its arguments, and `x.ref` keeps x for another use.

type Values = np.Array;

const floats = (data: Float32Array<ArrayBuffer>, shape: number[]): Values => np.array(data).reshape(shape);
const integers = (data: Int32Array<ArrayBuffer>, shape: number[]): Values => np.array(data, { dtype: np.int32 }).reshape(shape);
const counting = (columns: number, dimensions: number): Values =>
  np.arange(0, columns, 1, { dtype: np.int32 }).reshape([...new Array(dimensions - 1).fill(1), columns]);

const done = (): Promise<void> =>
  getWebGPUDevice()
    .queue.onSubmittedWorkDone()
    .then(() => undefined);

class Ways {
  #last: Readonly<Record<string, Values>> = {};
  readonly ways: Way[] = [];
  add(name: string, compute: () => Readonly<Record<string, Values>>): this {
    this.ways.push({
      name,
      enqueue: async () => {
        const outputs = compute();
        for (const output of Object.values(outputs)) await output.ref.gpuBuffer(); // work is recorded lazily: this issues it
        this.drop();
        this.#last = outputs;
      },
      done,
      read: async () => {
        const results: Record<string, ArrayLike<number>> = {};
        for (const [output, values] of Object.entries(this.#last)) results[output] = (await values.ref.data()) as Float32Array;
        return results;
      },
    });
    return this;
  }
  drop(): void {
    for (const values of Object.values(this.#last)) values.dispose();
    this.#last = {};
  }
}

function uploadSide({ sequences, positions, columns }: LogpsTask | GradientsTask, side: Side): Values[] {
  return [
    floats(side.logits, [sequences, positions, columns]),
    integers(side.tokens, [sequences, positions]),
    floats(side.mask, [sequences, positions]),
    floats(side.references, [sequences]),
  ];
}

type LogpOf = (logits: Values, tokens: Values, mask: Values) => Values;

/** Two ways to take each token's log-prob without writing the whole log-softmax. */
function logpWays({ sequences, positions, columns }: LogpsTask | GradientsTask): Readonly<Record<string, LogpOf>> {
  return {
    'takeAlongAxis - logsumexp': (logits, tokens, mask) =>
      np
        .takeAlongAxis(logits.ref, tokens.reshape([sequences, positions, 1]), -1)
        .reshape([sequences, positions])
        .sub(nn.logsumexp(logits, -1))
        .mul(mask)
        .sum(1),
    'where(v == token) - logsumexp': (logits, tokens, mask) =>
      np
        .where(tokens.reshape([sequences, positions, 1]).equal(counting(columns, 3)), logits.ref, 0)
        .sum(-1)
        .sub(nn.logsumexp(logits, -1))
        .mul(mask)
        .sum(1),
  };
}

function prepareGradients(task: GradientsTask, inputs: readonly Values[]): Ways {
  const { sequences, positions, columns, beta } = task;
  const ways = new Ways();
  const add = (name: string, compute: (...inputs: Values[]) => Values[]) => {
    const compiled = jit(compute);
    ways.add(name, () => {
      const [losses, chosenGradient, rejectedGradient] = compiled(...inputs.map((values) => values.ref));
      if (!losses || !chosenGradient || !rejectedGradient) throw new Error('jax-js gave no gradients.');
      return { losses, chosenGradient, rejectedGradient };
    });
  };
  for (const [name, logpOf] of Object.entries(logpWays(task)))
    add(`valueAndGrad(${name})`, (...[xw, tw, mw, rw, xl, tl, ml, rl]) => {
      const loss = (x: Values, y: Values): [Values, Values] => {
        const margin = logpOf(x, tw as Values, mw as Values)
          .sub(rw as Values)
          .sub(logpOf(y, tl as Values, ml as Values).sub(rl as Values));
        const losses = nn.softplus(margin.mul(-beta));
        return [losses.ref.mean(), losses];
      };
      const [[mean, losses], [gw, gl]] = valueAndGrad(loss, { argnums: [0, 1], hasAux: true })(xw as Values, xl as Values);
      mean.dispose();
      return [losses, gw, gl] as Values[];
    });
  add('by hand', (...[xw, tw, mw, rw, xl, tl, ml, rl]) => {
    const forward = (x: Values, tokens: Values, mask: Values): [Values, Values] => {
      const [total, hit] = [nn.logsumexp(x.ref, -1), tokens.reshape([sequences, positions, 1]).equal(counting(columns, 3))];
      const logp = np.where(hit.ref, x.ref, 0).sum(-1).sub(total.ref).mul(mask).sum(1);
      return [logp, np.exp(x.sub(total.reshape([sequences, positions, 1]))).sub(hit.astype(np.float32))];
    };
    const [logpW, residualW] = forward(xw as Values, tw as Values, (mw as Values).ref);
    const [logpL, residualL] = forward(xl as Values, tl as Values, (ml as Values).ref);
    const z = logpW
      .sub(rw as Values)
      .sub(logpL.sub(rl as Values))
      .mul(-beta);
    const slope = nn
      .sigmoid(z.ref)
      .mul(beta / sequences)
      .reshape([sequences, 1]);
    const scaled = (residual: Values, by: Values, mask: Values) => residual.mul(by.mul(mask).reshape([sequences, positions, 1]));
    return [nn.softplus(z), scaled(residualW, slope.ref, mw as Values), scaled(residualL, slope.neg(), ml as Values)];
  });
  return ways;
}

/** All runs as one [runs, rows, width] table, `unrolled` updates in one compiled function; upload and read-back of the margins included. */
function runsWay(task: RunsTask, unrolled: number): Way {
  const { steps } = task;
  const { runs, rows, width, columns, chosen, rejected } = packRuns(task);
  const logitsOf = (theta: Values): Values => {
    if (rows === 1) return theta.reshape([runs, columns]);
    return theta.ref
      .slice([], [1, rows])
      .mul(theta.slice([], [0, 1]))
      .sum(-1);
  };
  const marginOf = (theta: Values): Values => {
    const v = counting(columns, 2);
    const difference = v.ref.equal(chosen).astype(np.float32).sub(v.equal(rejected).astype(np.float32));
    return nn.logSoftmax(logitsOf(theta)).mul(difference).sum(-1);
  };
  const margin = jit(marginOf);
  const gradient = grad((theta: Values, beta: Values, reference: Values) =>
    nn.softplus(marginOf(theta).sub(reference).mul(beta).neg()).sum(),
  );
  const updates = jit((theta: Values, beta: Values, rate: Values, reference: Values): Values => {
    let next = theta;
    for (let i = 0; i < unrolled; i++) next = next.ref.sub(gradient(next, beta.ref, reference.ref).mul(rate.ref));
    for (const values of [beta, rate, reference]) values.dispose();
    return next;
  });
  let margins: ArrayLike<number> = [];
  const enqueue = async () => {
    // packed again, as the runs' own upload is part of the work
    const { betas, rates, start } = packRuns(task);
    const beta = floats(betas, [runs]);
    const rate = floats(rates, [runs, 1, 1]);
    let theta = floats(start, [runs, rows, width]);
    const reference = margin(theta.ref);
    for (let step = 0; step < steps; step += unrolled) {
      theta = updates(theta, beta.ref, rate.ref, reference.ref);
      if (step % 25 === 0) await theta.ref.gpuBuffer();
    }
    margins = (await margin(theta).data()) as Float32Array;
    for (const values of [beta, rate, reference]) values.dispose();
  };
  return { name: `jit(${unrolled} updates)`, enqueue, done: () => Promise.resolve(), read: async () => ({ margins }) };
}

async function prepare(task: Task): Promise<Prepared> {
  if (isRuns(task)) return { ways: [runsWay(task, 1), runsWay(task, 5)], dispose: () => {} };
  const ways = new Ways();
  if (task.kernel === 'log_softmax') {
    const logits = floats(task.logits, [task.rows, task.columns]);
    const direct = jit((x: Values) => nn.logSoftmax(x));
    const composed = jit((x: Values) => x.ref.sub(nn.logsumexp(x, -1, { keepdims: true })));
    ways.add('jit(logSoftmax)', () => ({ logProbs: direct(logits.ref) }));
    ways.add('jit(x - logsumexp)', () => ({ logProbs: composed(logits.ref) }));
    return finish(ways, [logits]);
  }
  if (task.kernel === 'sequence_logps') {
    const inputs = uploadSide(task, task.side);
    const [logits, tokens, mask] = inputs as [Values, Values, Values, Values];
    for (const [name, logpOf] of Object.entries(logpWays(task))) {
      const compiled = jit(logpOf);
      ways.add(`jit(${name})`, () => ({ logps: compiled(logits.ref, tokens.ref, mask.ref) }));
    }
    return finish(ways, inputs);
  }
  const inputs = [...uploadSide(task, task.chosen), ...uploadSide(task, task.rejected)];
  return finish(prepareGradients(task, inputs), inputs);
}

async function finish(ways: Ways, inputs: readonly Values[]): Promise<Prepared> {
  for (const values of inputs) await values.blockUntilReady();
  return {
    ways: ways.ways,
    dispose: () => {
      ways.drop();
      for (const values of inputs) values.dispose();
    },
  };
}

export async function openJax(): Promise<Contestant> {
  const devices = await init('webgpu');
  if (!devices.includes('webgpu')) throw new Error('jax-js has no WebGPU here.');
  defaultDevice('webgpu');
  return { name: 'jax-js WebGPU', prepare };
}
