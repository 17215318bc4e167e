//#include shared/grid
//#include shared/numerics

// A layer of tanh units over fixed inputs: result_xj = tanh(<W_j, input_x>), one row an input. Inputs and results end in a 1, so that the
// last entry of a unit's weights, and of whatever reads the results, is a bias.
// Reference: src/backend/cpu/tanh_layer.ts

struct Params {
  // number of inputs
  contexts: u32,
  // length of an input, its 1 counted in
  width: u32,
  // units of the layer, H
  units: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [contexts, width]
@group(0) @binding(1) var<storage, read> inputs: array<f32>;
// [units, width]
@group(0) @binding(2) var<storage, read> weights: array<f32>;
// [contexts, units + 1]
@group(0) @binding(3) var<storage, read_write> results: array<f32>;
// [contexts, units + 1] what an earlier pass has left there
@group(0) @binding(4) var<storage, read> given_results: array<f32>;
// [contexts, units + 1] by the results
@group(0) @binding(5) var<storage, read> result_gradient: array<f32>;
// [units, width]
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;

// One invocation a result.
@compute @workgroup_size(64)
fn tanh_layer_forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  let row = params.units + 1u;
  if (element >= params.contexts * row) { return; }
  let unit = element % row;
  if (unit == params.units) {
    results[element] = 1.0;
    return;
  }
  let input = (element / row) * params.width;
  var total = 0.0;
  for (var i = 0u; i < params.width; i++) { total = fma(weights[unit * params.width + i], inputs[input + i], total); }
  results[element] = tanh_safe(total);
}

// d/dW_ji = sum over the inputs of g_xj (1 - result_xj^2) input_xi. One invocation an entry of the weights.
@compute @workgroup_size(64)
fn tanh_layer_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.units * params.width) { return; }
  let unit = element / params.width;
  let i = element % params.width;
  var total = 0.0;
  for (var context = 0u; context < params.contexts; context++) {
    let at = context * (params.units + 1u) + unit;
    let a = given_results[at];
    // (1 - a)(1 + a): 1 - a^2 would lose what is left of a unit that is nearly full
    total = fma(result_gradient[at] * ((1.0 - a) * (1.0 + a)), inputs[context * params.width + i], total);
  }
  gradient[element] = total;
}
