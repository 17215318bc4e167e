//#include shared/grid
//#include shared/optimizer

// One update of a block of parameters from their gradient. Reference: src/backend/cpu/optimizer_step.ts

struct Params {
  // number of parameters
  length: u32,
  // RULE_... of shared/optimizer
  rule: u32,
  // step size
  learning_rate: f32,
  // 1 - learning_rate weight_decay
  shrink: f32,
  // share of the velocity that is kept
  momentum: f32,
  // 1 - beta1
  complement1: f32,
  // 1 - beta2
  complement2: f32,
  // added to the root of the mean squared gradient
  epsilon: f32,
  // 1 - beta1^t
  correction1: f32,
  // 1 - beta2^t
  correction2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [length]
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
// [length]
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
// [length] velocity or mean gradient; one element where the rule keeps none
@group(0) @binding(3) var<storage, read_write> first: array<f32>;
// [length] mean squared gradient; one element where the rule keeps none
@group(0) @binding(4) var<storage, read_write> second: array<f32>;

// One invocation a parameter.
@compute @workgroup_size(64)
fn optimizer_step(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_workgroup(group, grid) * 64u + lane;
  if (i >= params.length) { return; }
  let how = UpdateRule(
    params.rule, params.learning_rate, params.shrink, params.momentum, params.complement1, params.complement2, params.epsilon,
  );
  var before = Parameter(parameters[i], 0.0, 0.0);
  if (params.rule != RULE_SGD) { before.first = first[i]; }
  if (params.rule == RULE_ADAM) { before.second = second[i]; }
  let moved = optimizer_update(before, gradient[i], how, params.correction1, params.correction2);
  parameters[i] = moved.value;
  if (params.rule != RULE_SGD) { first[i] = moved.first; }
  if (params.rule == RULE_ADAM) { second[i] = moved.second; }
}
