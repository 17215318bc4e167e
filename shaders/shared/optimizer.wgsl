// One update of one parameter. The rules are numbered as in src/core/optimizer.ts.

const RULE_SGD = 0u;
const RULE_MOMENTUM = 1u;
const RULE_NESTEROV = 2u;
const RULE_ADAM = 3u;

struct UpdateRule {
  // RULE_...
  rule: u32,
  // step size
  learning_rate: f32,
  // 1 - learning_rate weight_decay
  shrink: f32,
  // share of the velocity that is kept
  momentum: f32,
  // 1 - beta1 and 1 - beta2: exact where the betas themselves would round
  complement1: f32,
  complement2: f32,
  // added to the root of the mean squared gradient
  epsilon: f32,
}

struct Parameter {
  // the parameter itself
  value: f32,
  // velocity, or mean gradient
  first: f32,
  // mean squared gradient
  second: f32,
}

// `correction1`, `correction2`: 1 - beta^t at this update, t from 1.
fn optimizer_update(before: Parameter, g: f32, how: UpdateRule, correction1: f32, correction2: f32) -> Parameter {
  let value = before.value * how.shrink;
  switch (how.rule) {
    case RULE_MOMENTUM: {
      let velocity = fma(how.momentum, before.first, g);
      return Parameter(fma(-how.learning_rate, velocity, value), velocity, 0.0);
    }
    case RULE_NESTEROV: {
      let velocity = fma(how.momentum, before.first, g);
      return Parameter(fma(-how.learning_rate, fma(how.momentum, velocity, g), value), velocity, 0.0);
    }
    case RULE_ADAM: {
      let first = fma(how.complement1, g - before.first, before.first);
      let second = fma(how.complement2, g * g - before.second, before.second);
      let direction = (first / correction1) / (sqrt(second / correction2) + how.epsilon);
      return Parameter(fma(-how.learning_rate, direction, value), first, second);
    }
    default: {
      return Parameter(fma(-how.learning_rate, g, value), 0.0, 0.0);
    }
  }
}
