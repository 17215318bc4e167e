import type { OptimizerChoice } from './experiment.ts';

/** The arithmetic of one update, as shaders/shared/optimizer.wgsl numbers it. */
export const updateRules = ['sgd', 'momentum', 'nesterov', 'adam'] as const;
export type UpdateRule = (typeof updateRules)[number];

export interface HyperParameter {
  readonly default: number;
  readonly min: number;

  /** the range ends before this value; default: it has no end */
  readonly below?: number;
}

export type HyperParameterName = 'momentum' | 'beta1' | 'beta2' | 'epsilon' | 'weightDecay';

/** One optimiser: how it moves a parameter and what it remembers. */
export interface Optimizer {
  readonly id: OptimizerChoice['kind'];
  readonly name: string;
  readonly rule: UpdateRule;
  /** numbers kept for each parameter between updates */
  readonly slots: 0 | 1 | 2;
  /** the gradients of log π(y_w) and log π(y_l) enter with unit length instead of the objective's slopes */
  readonly normalisesPairs: boolean;
  readonly update: string;
  readonly hyperParameters: Readonly<Partial<Record<HyperParameterName, HyperParameter>>>;
}

const weightDecay: HyperParameter = { default: 0, min: 0 };
const momentum: HyperParameter = { default: 0.9, min: 0, below: 1 };

/** Every optimiser; v, m and s start at 0, g is the gradient, η the learning rate. */
export const optimizers: readonly Optimizer[] = [
  {
    id: 'sgd',
    name: 'Gradient descent',
    rule: 'sgd',
    slots: 0,
    normalisesPairs: false,
    update: 'θ ← θ - η g',
    hyperParameters: { weightDecay },
  },
  {
    id: 'momentum',
    name: 'Momentum',
    rule: 'momentum',
    slots: 1,
    normalisesPairs: false,
    update: 'v ← μ v + g; θ ← θ - η v',
    hyperParameters: { momentum, weightDecay },
  },
  {
    id: 'nesterov',
    name: 'Nesterov momentum',
    rule: 'nesterov',
    slots: 1,
    normalisesPairs: false,
    update: 'v ← μ v + g; θ ← θ - η (g + μ v)',
    hyperParameters: { momentum, weightDecay },
  },
  {
    id: 'adam',
    name: 'Adam',
    rule: 'adam',
    slots: 2,
    normalisesPairs: false,
    update: 'm ← β₁ m + (1 - β₁) g; s ← β₂ s + (1 - β₂) g²; θ ← θ - η m̂ / (√ŝ + ε), m̂ = m / (1 - β₁ᵗ), ŝ = s / (1 - β₂ᵗ)',
    hyperParameters: {
      beta1: { default: 0.9, min: 0, below: 1 },
      beta2: { default: 0.999, min: 0, below: 1 },
      epsilon: { default: 1e-8, min: 0 },
      weightDecay,
    },
  },
  {
    id: 'normalised-pair',
    name: 'Normalised pair update',
    rule: 'sgd',
    slots: 0,
    normalisesPairs: true,
    update: 'θ ← θ + η mean(g_w / ‖g_w‖ - g_l / ‖g_l‖), g = ∇ log π (our form of a mitigation of arXiv:2410.13828)',
    hyperParameters: { weightDecay },
  },
];

export const findOptimizer = (kind: string): Optimizer | undefined => optimizers.find(({ id }) => id === kind);

/** What one update of all parameters needs besides the gradient. */
export interface UpdateSettings {
  readonly rule: UpdateRule;
  readonly learningRate: number;
  readonly momentum: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The settings of a validated choice, with defaults filled in; what its optimiser does not use is 0. */
export function updateSettings(choice: OptimizerChoice): UpdateSettings {
  const optimizer = findOptimizer(choice.kind);
  if (!optimizer) throw new Error(`There is no optimiser '${choice.kind}'.`);
  const value = (name: HyperParameterName) => {
    const known = optimizer.hyperParameters[name];
    return known ? (choice[name] ?? known.default) : 0;
  };
  return {
    rule: optimizer.rule,
    learningRate: choice.learningRate,
    momentum: value('momentum'),
    beta1: value('beta1'),
    beta2: value('beta2'),
    epsilon: value('epsilon'),
    weightDecay: value('weightDecay'),
  };
}

/** 1 - βᵗ from 1 - βᵗ⁻¹, starting at 0. A recurrence, so that every engine and every packing of runs gets the same bits. */
export const nextCorrection = (correction: number, beta: number): number => correction + (1 - beta) * (1 - correction);
