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
  // logits that a layer of them makes of the results, K
  columns: u32,
  // responses, each of one position
  sequences: u32,
  // 0: chosen, 1: rejected
  side: u32,
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
// [columns, units + 1] of the layer of logits
@group(0) @binding(7) var<storage, read> outputs: array<f32>;
// [sequences, columns] logit gradients of one side for slopes of 1
@group(0) @binding(8) var<storage, read> residuals: array<f32>;
// [sequences] input of each response
@group(0) @binding(9) var<storage, read> row_contexts: array<u32>;
// [sequences] weight of each pair's loss
@group(0) @binding(10) var<storage, read> pair_weights: array<f32>;
// [2, sequences]: only the side's half is written
@group(0) @binding(11) var<storage, read_write> slopes: array<f32>;

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

// Slopes of the normalised pair update of a network of this layer and one of logits: the share of the pair divided by the length of
// d log pi, in which each weight's part is the gradient by its unit times what it is multiplied with. One invocation a response.
@compute @workgroup_size(64)
fn tanh_layer_slopes(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sequence = linear_workgroup(group, grid) * 64u + lane;
  if (sequence >= params.sequences) { return; }
  let context = row_contexts[sequence];
  let row = sequence * params.columns;
  var by_logits = 0.0;
  for (var v = 0u; v < params.columns; v++) { by_logits = fma(residuals[row + v], residuals[row + v], by_logits); }
  var of_inputs = 0.0;
  for (var i = 0u; i < params.width; i++) {
    let x = inputs[context * params.width + i];
    of_inputs = fma(x, x, of_inputs);
  }
  var of_results = 1.0;
  var by_units = 0.0;
  for (var unit = 0u; unit < params.units; unit++) {
    let a = given_results[context * (params.units + 1u) + unit];
    of_results = fma(a, a, of_results);
    var pull = 0.0;
    for (var v = 0u; v < params.columns; v++) { pull = fma(residuals[row + v], outputs[v * (params.units + 1u) + unit], pull); }
    let by_unit = pull * ((1.0 - a) * (1.0 + a));
    by_units = fma(by_unit, by_unit, by_units);
  }
  let length_squared = fma(by_units, of_inputs, by_logits * of_results);
  let share = pair_weights[sequence] / f32(params.sequences);
  let slope = select(-share, share, params.side == 1u) / sqrt(length_squared);
  // A gradient of length 0 has no direction. Others are not lost in rounding: by_logits is a sum of squares.
  slopes[params.side * params.sequences + sequence] = select(slope, 0.0, length_squared == 0.0);
}
