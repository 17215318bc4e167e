import type { ObjectiveBlock } from '../../objectives/compile.ts';
import type { FurtherKernels } from '../backend.ts';
import { flowColumns, flowRows } from '../flow-layout.ts';
import { rowStats } from './row_stats.ts';
import { floats, indices } from './storage.ts';

const mostMove = 0.5;
const retries = 3;

type Task = Parameters<FurtherKernels['simplexFlow']>[0];

/** All pairs of answers that can be drawn, at once. */
class Draws {
  readonly #tokens: number;
  readonly #mixture: number;
  readonly #block: ObjectiveBlock;
  /** [tokens] log-probs under the reference */
  readonly #reference: Float64Array;
  /** rows of the block that hold what the two answers were drawn with */
  readonly #previous: readonly (readonly [row: number, isSecond: boolean])[];

  constructor({ tokens, objective, known: given, plan: planned }: Task, mixture: number) {
    const { inputs, parameterValues } = objective;
    const [known, plan, width] = [floats(given), indices(planned), tokens * tokens];
    this.#tokens = tokens;
    this.#mixture = mixture;
    this.#block = objective.block(width);
    this.#reference = known.subarray(inputs.length + 2, inputs.length + 2 + tokens);
    const rewards = known.subarray(inputs.length + 2 + tokens, inputs.length + 2 + 2 * tokens);
    const { given: rows } = this.#block;
    const previous: [number, boolean][] = [];
    for (const [i, name] of inputs.entries()) {
      const kind = flowColumns[plan[tokens + i] as number];
      const row = 2 + i;
      if (kind === 'prev_w' || kind === 'prev_l') previous.push([row, kind === 'prev_l']);
      const of = kind === 'ref_w' || kind === 'ref_l' ? this.#reference : kind === 'reward_w' || kind === 'reward_l' ? rewards : null;
      for (let draw = 0; draw < width; draw++)
        rows[row * width + draw] = of ? (of[this.#token(draw, name.endsWith('_l'))] as number) : (known[i] as number);
    }
    for (const [i, value] of parameterValues.entries()) rows.fill(value, (2 + inputs.length + i) * width, (3 + inputs.length + i) * width);
    this.#previous = previous;
  }

  /** The first or the second answer of a draw. */
  #token(draw: number, isSecond: boolean): number {
    return isSecond ? draw % this.#tokens : Math.floor(draw / this.#tokens);
  }

  /** Probabilities of who draws the second answer. */
  #opponents(logps: Float64Array, probs: Float64Array): Float64Array {
    const c = this.#mixture;
    if (c === 0) return probs;
    const logits = logps.map((logp, v) => logp + c * ((this.#reference[v] as number) - logp));
    const [peak, logTotal] = rowStats(logits, 0, this.#tokens);
    return logits.map((logit) => Math.exp(logit - peak - logTotal));
  }

  /** Adds how hard the mean of the groups' losses pushes each token's log-prob up. */
  push(logps: Float64Array, probs: Float64Array, pushes: Float64Array): void {
    const { given: rows, byChosen, byRejected } = this.#block;
    const width = this.#tokens ** 2;
    for (const [row, isSecond] of [[0, false], [1, true], ...this.#previous] as const)
      for (let draw = 0; draw < width; draw++) rows[row * width + draw] = logps[this.#token(draw, isSecond)] as number;
    this.#block.evaluate(width);
    const opponents = this.#opponents(logps, probs);
    for (let draw = 0; draw < width; draw++) {
      const [first, second] = [this.#token(draw, false), this.#token(draw, true)];
      const weight = (probs[first] as number) * (opponents[second] as number);
      pushes[first] = (pushes[first] as number) - weight * (byChosen[draw] as number);
      pushes[second] = (pushes[second] as number) - weight * (byRejected[draw] as number);
    }
  }
}

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
  readonly #draws: Draws | null;
  /** on each token's log-prob: minus the slope of the loss */
  readonly #pushes: Float64Array;
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
    this.#draws = task.drawn ? new Draws(task, task.drawn.mixture) : null;
    this.#pushes = new Float64Array(task.tokens);
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

  /** What the pair's loss pushes its two tokens up. */
  #pushPair(logCollision: number): void {
    const { chosen, rejected, objective } = this.#task;
    const [logpChosen, logpRejected] = [this.logps[chosen] as number, this.logps[rejected] as number];
    this.#readColumns(logpChosen, logpRejected, logCollision);
    const value = objective.evaluate(logpChosen, logpRejected, this.#columns);
    this.#pushes[chosen] = -value.byChosen;
    this.#pushes[rejected] = -value.byRejected;
  }

  at(logits: Float64Array): this {
    const { tokens, chosen, rejected, drawn } = this.#task;
    const { logps, rates, corners, velocity, forces } = this;
    const [probs, pushes, pull, turned] = [this.#probs, this.#pushes, this.#pull, this.#turned];
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
    pushes.fill(0);
    if (this.#draws) this.#draws.push(logps, probs, pushes);
    else this.#pushPair(Math.log(collision));
    for (let v = 0; v < tokens; v++) {
      let others = 0;
      for (let u = 0; u < tokens; u++) if (u !== v) others += pushes[u] as number;
      // 1 - p of a token that holds nearly all mass, without cancellation
      pull[v] = -(pushes[v] as number) * Math.expm1(logps[v] as number) - (probs[v] as number) * others;
    }
    forces[0] = (drawn ? pull : pushes)[chosen] as number;
    forces[1] = -((drawn ? pull : pushes)[rejected] as number);
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
