import { RandomStream } from '../../src/core/rng.ts';
import {
  type Experiment,
  groupObjectiveNames,
  type ObjectiveChoice,
  type OnPolicyExperiment,
  type OptimizerChoice,
  objectiveNames,
  objectives,
  type Pair,
  type Policy,
  type Stage,
  type TrialExperiment,
} from '../../src/index.ts';
import { definePolicy } from '../../src/policies/kinds.ts';
import { toyPolicies } from '../gpu/toy-policies.ts';

/** Losses whose slopes are at most 2 on the toy policies, which bounds what rounding does to a run. */
const gentle: readonly ObjectiveChoice[] = [
  { name: 'dpo', params: { beta: 0.3 } },
  { name: 'dpo', params: { beta: 1.5 } },
  { name: 'simpo', params: { gamma: 0.5 } },
  { expression: 'softplus(-k * (logratio_w - logratio_l)) - 0.1 * logp_w / len_w', params: { k: 0.4 } },
];
const methods: readonly OnPolicyExperiment['method'][] = [
  { kind: 'reinforce' },
  { kind: 'reinforce', baseline: 'minimum' },
  { kind: 'ppo', clip: 0.1 },
  { kind: 'dpo', beta: 0.7, threshold: 0.1 },
  { kind: 'ipo', target: 2 },
  { kind: 'best-of-n' },
  { kind: 'rwr', temperature: 0.8 },
  { kind: 'group', objective: { name: 'rloo' } },
];

/** Random experiments of all sorts. Many share a template, and so an ensemble; not all of them can be trained. */
export class RandomTrials {
  readonly #random: RandomStream;
  readonly #anyLoss: boolean;
  readonly #templates: readonly Experiment[];

  /** With `anyLoss`, losses of the whole catalogue. A few runs diverge either way: without, on any engine and beyond doubt. */
  constructor(seed: number, templates: number, anyLoss: boolean) {
    this.#random = new RandomStream(seed, 2026);
    this.#anyLoss = anyLoss;
    this.#templates = Array.from({ length: templates }, (_, i) => this.#template(i === 0 ? 'regression' : undefined));
  }

  draw(): TrialExperiment {
    const template = this.#pick(this.#templates);
    const seed = this.#random.below(1000);
    const optimizer = this.#numbers(template.optimizer);
    const objective = this.#vary(template.objective);
    const one: Experiment = { ...template, policy: this.#dataOf(template.policy), optimizer, objective, seed };
    if (!this.#anyLoss && this.#chance(0.05)) return this.#lost(one);
    const special = this.#random.uniform();
    const { response, columns, prompts } = definePolicy(one.policy);
    const rewards = () => Array.from({ length: prompts }, () => Array.from({ length: columns }, () => this.#random.normal()));
    if (special < 0.06) return { ...one, optimizer: { ...optimizer, batchSize: 1 } };
    if (special < 0.14) return { ...one, stages: this.#stages(one) };
    if (special < 0.2 && response === 'tokens') return { ...one, pairs: one.pairs.map((pair) => this.#masked(pair)) };
    if (special < 0.26) return { ...one, ...this.#groups(one) };
    if (response !== 'outcome') return one;
    if (special < 0.34)
      return { ...one, data: { kind: 'bradley-terry', rewards: rewards(), count: 5, ...(this.#chance(0.5) ? { flipRate: 0.2 } : {}) } };
    if (special < 0.44) return this.#onPolicy(one, rewards());
    return one;
  }

  /** Each update multiplies what is wrong by the rate: out of float32 with the second one, out of float64 with the ninth. */
  #lost(one: Experiment): Experiment {
    const optimizer: OptimizerChoice = { kind: 'sgd', learningRate: 1e37, steps: 12 };
    return { ...one, objective: { name: 'ipo' }, optimizer, ...(this.#chance(0.3) ? { stages: [{ optimizer }] } : {}) };
  }

  /** Half of all regressions have features and numbers of their own. */
  #dataOf(policy: Policy): Policy {
    if (policy.kind !== 'regression' || this.#chance(0.5)) return policy;
    const moved = (row: readonly number[]) => row.map((x) => x + 0.1 * this.#random.normal());
    return { ...policy, inputs: policy.inputs.map((rows) => rows.map(moved)), targets: policy.targets.map(moved) };
  }

  #template(name?: string): Experiment {
    const { policy, pairs } = (name === undefined ? null : toyPolicies[name]) ?? this.#pick(Object.values(toyPolicies));
    const kinds = ['sgd', 'momentum', 'adam', ...(this.#anyLoss ? (['nesterov', 'normalised-pair'] as const) : [])] as const;
    return {
      policy: { ...policy, noise: 0.2 } as Policy,
      pairs: pairs.map(
        (pair): Pair => ({ ...pair, rewards: [this.#random.normal(), this.#random.normal()], label: this.#random.uniform() }),
      ),
      objective: this.#anyLoss ? this.#loss() : this.#pick(gentle),
      optimizer: { kind: this.#pick(kinds), learningRate: 0.05, steps: 12 },
    };
  }

  #loss(): ObjectiveChoice {
    const kind = this.#random.uniform();
    if (kind < 0.3) return this.#pick(gentle);
    const name = this.#pick(objectiveNames());
    if (kind < 0.4)
      return { mix: [{ objective: { name }, weight: 0.5 }, ...gentle.slice(0, 1).map((objective) => ({ objective, weight: 1 }))] };
    if (kind < 0.48) return { name, params: { ldAlpha: 0.5 } };
    if (kind < 0.56) return { name, params: { useWeighting: true } };
    return { name };
  }

  /** The same loss with another number in it, where it has one. */
  #vary(choice: ObjectiveChoice): ObjectiveChoice {
    if (!('name' in choice)) return choice;
    const parameters = objectives.find(({ name }) => name === choice.name)?.parameters ?? {};
    const [first] = Object.keys(parameters);
    return first && this.#chance(0.5) ? { ...choice, params: { ...choice.params, [first]: 0.2 + this.#random.uniform() } } : choice;
  }

  #numbers(optimizer: OptimizerChoice): OptimizerChoice {
    const learningRate = this.#anyLoss && this.#chance(0.02) ? 1e308 : this.#pick([0.01, 0.05, 0.1]);
    const decays = optimizer.kind !== 'normalised-pair' && this.#chance(0.2);
    return { ...optimizer, learningRate, steps: this.#pick([12, 12, 5, 0]), ...(decays ? { weightDecay: 0.1 } : {}) };
  }

  #stages({ optimizer, pairs }: Experiment): Stage[] {
    const objective = this.#anyLoss ? this.#loss() : this.#pick(gentle);
    const second: Stage = { objective, reference: this.#pick(['stage start', 'run start'] as const) };
    const all: Stage[] = [
      second,
      { optimizerState: 'kept' },
      { pairs: pairs.slice(0, 1) },
      { optimizer: { ...optimizer, kind: 'adam', steps: 3, learningRate: 0.05 } },
    ];
    return this.#chance(0.3) ? [this.#pick(all), this.#pick(all)] : [this.#pick(all)];
  }

  #masked(pair: Pair): Pair {
    const mask = (response: Pair['chosen']) => {
      const tokens = [response].flat();
      const counted = this.#random.below(tokens.length);
      return tokens.map((_, t) => Number(t === counted || this.#chance(0.5)));
    };
    return { ...pair, chosenMask: mask(pair.chosen), ...(this.#chance(0.5) ? { rejectedMask: mask(pair.rejected) } : {}) };
  }

  #groups({ pairs, optimizer }: Experiment): Partial<Experiment> {
    const groups = pairs.map(({ prompt, chosen, rejected }) => ({
      ...{ prompt, responses: [chosen, rejected, chosen] },
      ...(this.#chance(0.8) ? { rewards: [this.#random.normal(), this.#random.normal(), 0.5] } : {}),
    }));
    const objective = { name: this.#anyLoss ? this.#pick(groupObjectiveNames()) : 'plackett_luce' };
    return { pairs: [], groups, objective, optimizer: optimizer.kind === 'normalised-pair' ? { ...optimizer, kind: 'sgd' } : optimizer };
  }

  #onPolicy({ policy, optimizer: { steps: _, ...optimizer }, seed = 0 }: Experiment, rewards: number[][]): OnPolicyExperiment {
    const source = this.#pick(['policy', 'start'] as const);
    return {
      ...{ policy, rewards, seed, method: this.#pick(methods), optimizer },
      sampling: { groups: 2, n: 3, rounds: 3, updates: 2, source, ...(source === 'start' ? { once: this.#chance(0.5) } : {}) },
      ...(this.#chance(0.3) ? { klPenalty: 0.1 } : {}),
      ...(this.#chance(0.3) ? { resetReference: 2 } : {}),
    };
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random.below(from.length)] as T;
  }

  #chance(share: number): boolean {
    return this.#random.uniform() < share;
  }
}
