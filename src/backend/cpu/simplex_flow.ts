import type { FurtherKernels } from '../backend.ts';
import { flowColumns, flowRows } from '../flow-layout.ts';
import { rowStats } from './row_stats.ts';
import { floats, indices } from './storage.ts';

const mostMove = 0.5;
const retries = 3;

type Task = Parameters<FurtherKernels['simplexFlow']>[0];

/** The flow at one distribution, line by line as in shaders/simplex_flow.wgsl. */
class Flow {
  readonly logps: Float64Array;
  readonly rates: Float64Array;
  readonly corners = new Float64Array(3);
  readonly velocity = new Float64Array(3);
  readonly forces = new Float64Array(2);
  readonly #task: Task;
  readonly #gram: Float64Array;
  readonly #plan: Uint32Array;
  readonly #known: Float64Array;
  readonly #probs: Float64Array;
  readonly #pull: Float64Array;
  readonly #turned: Float64Array;
  readonly #columns: Float64Array;

  constructor(task: Task) {
    this.#task = task;
    this.#gram = floats(task.gram);
    this.#plan = indices(task.plan);
    this.#known = floats(task.known);
    this.logps = new Float64Array(task.tokens);
    this.rates = new Float64Array(task.tokens);
    this.#probs = new Float64Array(task.tokens);
    this.#pull = new Float64Array(task.tokens);
    this.#turned = new Float64Array(task.tokens);
    this.#columns = new Float64Array(task.objective.inputs.length);
  }

  #readColumns(logpChosen: number, logpRejected: number, logCollision: number): void {
    const { tokens, objective } = this.#task;
    const inputs = objective.inputs.length;
    const ratioChosen = logpChosen - (this.#known[inputs] as number);
    const ratioRejected = logpRejected - (this.#known[inputs + 1] as number);
    for (let i = 0; i < inputs; i++) {
      switch (flowColumns[this.#plan[tokens + i] as number]) {
        case 'kl_baseline':
          this.#columns[i] = Math.max(0, (ratioChosen + ratioRejected) / 2);
          break;
        case 'mean_logratio':
          this.#columns[i] = (ratioChosen + ratioRejected) / 2;
          break;
        case 'same_rank_logratio_w':
          this.#columns[i] = ratioChosen;
          break;
        case 'same_rank_logratio_l':
          this.#columns[i] = ratioRejected;
          break;
        case 'wpo_weight':
          this.#columns[i] = Math.exp(logpChosen + logpRejected - 2 * logCollision);
          break;
        default:
          this.#columns[i] = this.#known[i] as number;
      }
    }
  }

  at(logits: Float64Array): this {
    const { tokens, chosen, rejected, objective } = this.#task;
    const { logps, rates, corners, velocity, forces } = this;
    const [probs, pull, turned] = [this.#probs, this.#pull, this.#turned];
    const [peak, logTotal] = rowStats(logits, 0, tokens);
    corners.fill(0);
    velocity.fill(0);
    let collision = 0;
    for (let v = 0; v < tokens; v++) {
      logps[v] = (logits[v] as number) - peak - logTotal;
      const p = Math.exp(logps[v] as number);
      probs[v] = p;
      collision += p * p;
      const corner = this.#plan[v] as number;
      corners[corner] = (corners[corner] as number) + p;
    }
    const [logpChosen, logpRejected] = [logps[chosen] as number, logps[rejected] as number];
    this.#readColumns(logpChosen, logpRejected, Math.log(collision));
    const value = objective.evaluate(logpChosen, logpRejected, this.#columns);
    const [forceChosen, forceRejected] = [-value.byChosen, value.byRejected];
    forces[0] = forceChosen;
    forces[1] = forceRejected;
    for (let v = 0; v < tokens; v++) pull[v] = (forceRejected - forceChosen) * (probs[v] as number);
    pull[chosen] = -forceChosen * Math.expm1(logpChosen) + forceRejected * (probs[chosen] as number);
    pull[rejected] = forceRejected * Math.expm1(logpRejected) - forceChosen * (probs[rejected] as number);
    for (let v = 0; v < tokens; v++) {
      turned[v] = 0;
      for (let u = 0; u < tokens; u++) turned[v] = (turned[v] as number) + (this.#gram[v * tokens + u] as number) * (pull[u] as number);
    }
    for (let v = 0; v < tokens; v++) {
      let total = 0;
      for (let u = 0; u < tokens; u++) total += (probs[u] as number) * ((turned[v] as number) - (turned[u] as number));
      rates[v] = total;
      const corner = this.#plan[v] as number;
      velocity[corner] = (velocity[corner] as number) + (probs[v] as number) * total;
    }
    return this;
  }

  /** in a triangle of side 1 */
  get speed(): number {
    return Math.sqrt(this.along(this) / 2);
  }

  along({ velocity }: Flow): number {
    let dot = 0;
    for (let corner = 0; corner < 3; corner++) dot += (this.velocity[corner] as number) * (velocity[corner] as number);
    return dot;
  }

  get isFinite(): boolean {
    return this.velocity.every(Number.isFinite) && this.forces.every(Number.isFinite);
  }

  /** The logits after `by` of time at the given rates. */
  moved(along: ArrayLike<number>, by: number): Float64Array {
    return this.logps.map((logp, v) => logp + by * (along[v] as number));
  }
}

/** Twin of shaders/simplex_flow.wgsl. */
export const simplexFlow: FurtherKernels['simplexFlow'] = (task) => {
  const { starts, steps, tokens, chosen, size, byLength } = task;
  const logits = floats(task.logits);
  const lines = floats(task.lines);
  let [here, second, third, fourth, next] = [new Flow(task), new Flow(task), new Flow(task), new Flow(task), new Flow(task)];
  for (let line = 0; line < starts; line++) {
    const write = (point: number, time: number) => {
      const defined = here.isFinite;
      const values = [...here.corners, time, here.speed, here.rates[chosen] as number, ...here.forces];
      for (let row = 0; row < flowRows.length; row++)
        lines[(point * flowRows.length + row) * starts + line] = defined || row < 4 ? (values[row] as number) : Number.NaN;
    };
    here.at(Float64Array.from({ length: tokens }, (_, v) => logits[v * starts + line] as number));
    let time = 0;
    let resting = !here.isFinite;
    write(0, time);
    for (let point = 1; point <= steps; point++) {
      let h = size;
      if (byLength && !resting) {
        const fastest = here.rates.reduce((most, rate) => Math.max(most, Math.abs(rate)), 0);
        resting = !(here.speed > 0 && fastest > 0);
        h = Math.min(size / here.speed, mostMove / fastest);
      }
      for (let attempt = 0; attempt <= retries && !resting; attempt++) {
        second.at(here.moved(here.rates, h / 2));
        third.at(here.moved(second.rates, h / 2));
        fourth.at(here.moved(third.rates, h));
        if (byLength && [second, third, fourth].some((stage) => here.along(stage) < 0)) {
          resting = attempt === retries;
          h /= 4;
          continue;
        }
        const mixed = here.rates.map(
          (rate, v) => (rate + 2 * ((second.rates[v] as number) + (third.rates[v] as number)) + (fourth.rates[v] as number)) / 6,
        );
        next.at(here.moved(mixed, h));
        resting = !next.isFinite;
        if (!resting) {
          [here, next] = [next, here];
          time += h;
        }
        break;
      }
      write(point, time);
    }
  }
};
