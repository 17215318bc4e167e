import type { UpdateRule, UpdateSettings } from '../../core/optimizer.ts';
import type { Backend } from '../backend.ts';
import { floats } from './storage.ts';

/** Twin of shaders/optimizer_step.wgsl. */
export const optimizerStep: Backend['optimizerStep'] = ({ length, settings, corrections, gradient, parameters, first, second }) => {
  const block = new BlockSettings(settings.rule, 1);
  block.set(0, settings);
  [block.corrections1[0], block.corrections2[0]] = corrections;
  updateBlock(block, 1, 0, length, floats(gradient), floats(parameters), floats(first), floats(second));
};

/** Settings of runs that are updated side by side, each [width]. */
export class BlockSettings {
  readonly learningRate: Float64Array;
  readonly shrink: Float64Array;
  readonly momentum: Float64Array;
  readonly beta1: Float64Array;
  readonly beta2: Float64Array;
  readonly epsilon: Float64Array;
  /** 1 - β₁ᵗ and 1 - β₂ᵗ at this update */
  readonly corrections1: Float64Array;
  readonly corrections2: Float64Array;

  readonly rule: UpdateRule;
  readonly width: number;

  constructor(rule: UpdateRule, width: number) {
    this.rule = rule;
    this.width = width;
    const make = () => new Float64Array(width);
    this.learningRate = make();
    this.shrink = make();
    this.momentum = make();
    this.beta1 = make();
    this.beta2 = make();
    this.epsilon = make();
    this.corrections1 = make();
    this.corrections2 = make();
  }

  set(j: number, { learningRate, weightDecay, momentum, beta1, beta2, epsilon }: UpdateSettings): void {
    this.learningRate[j] = learningRate;
    this.shrink[j] = 1 - learningRate * weightDecay;
    this.momentum[j] = momentum;
    this.beta1[j] = beta1;
    this.beta2[j] = beta2;
    this.epsilon[j] = epsilon;
  }

  move(from: number, to: number): void {
    for (const row of [this.learningRate, this.shrink, this.momentum, this.beta1, this.beta2, this.epsilon]) row[to] = row[from] as number;
  }
}

/**
 * Moves the parameters `from`…`to` of the first `count` of the runs that stand side by side; gradient, parameters and slots are
 * [parameters][width].
 */
export function updateBlock(
  settings: BlockSettings,
  count: number,
  from: number,
  to: number,
  gradient: Float64Array,
  parameters: Float64Array,
  first: Float64Array,
  second: Float64Array,
): void {
  const { rule, width, learningRate, shrink, momentum, beta1, beta2, epsilon, corrections1, corrections2 } = settings;
  if (rule === 'sgd') {
    for (let j = 0; j < count; j++) {
      const rate = learningRate[j] as number;
      const kept = shrink[j] as number;
      for (let i = from * width + j; i < to * width; i += width)
        parameters[i] = (parameters[i] as number) * kept - rate * (gradient[i] as number);
    }
    return;
  }
  for (let row = from * width; row < to * width; row += width) {
    for (let j = 0; j < count; j++) {
      const i = row + j;
      const g = gradient[i] as number;
      const rate = learningRate[j] as number;
      const value = (parameters[i] as number) * (shrink[j] as number);
      if (rule === 'adam') {
        const m = (first[i] as number) + (1 - (beta1[j] as number)) * (g - (first[i] as number));
        const s = (second[i] as number) + (1 - (beta2[j] as number)) * (g * g - (second[i] as number));
        first[i] = m;
        second[i] = s;
        parameters[i] =
          value - (rate * (m / (corrections1[j] as number))) / (Math.sqrt(s / (corrections2[j] as number)) + (epsilon[j] as number));
      } else {
        const velocity = (momentum[j] as number) * (first[i] as number) + g;
        first[i] = velocity;
        parameters[i] = value - rate * (rule === 'nesterov' ? g + (momentum[j] as number) * velocity : velocity);
      }
    }
  }
}
