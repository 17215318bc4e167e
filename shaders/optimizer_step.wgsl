//#include shared/grid

// Plain gradient descent: theta <- theta - learning_rate g. Reference: src/backend/cpu/optimizer_step.ts

struct Params {
  // number of parameters
  length: u32,
  // step size
  learning_rate: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [length]
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
// [length]
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;

// One invocation a parameter.
@compute @workgroup_size(64)
fn optimizer_step(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_workgroup(group, grid) * 64u + lane;
  if (i >= params.length) { return; }
  parameters[i] = fma(-params.learning_rate, gradient[i], parameters[i]);
}
