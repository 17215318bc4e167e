//#include shared/grid
//#include shared/row_stats

// Loss of each pair, and d(mean loss)/d(logits) = (dl/dlogp / B) mask_t (1[v = token_t] - softmax(x_t)_v) for one side of the pairs.
// Minimum traffic of the gradient: 8 bytes a logit (read once more, written once); the row stats are reused.
// Reference: src/backend/cpu/preference_gradients.ts

struct Params {
  // number of pairs, B
  pairs: u32,
  // positions in a sequence, T
  positions: u32,
  // size of the vocabulary, V
  columns: u32,
  // 0 for the chosen side, 1 for the rejected
  side: u32,
}

struct ObjectiveValue {
  // loss of the pair
  loss: f32,
  // its derivative by logp_w
  by_chosen: f32,
  // its derivative by logp_l
  by_rejected: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// values of the objective's parameters
@group(0) @binding(1) var<storage, read> objective_parameters: array<f32>;
// [B]
@group(0) @binding(2) var<storage, read> chosen_logps: array<f32>;
// [B]
@group(0) @binding(3) var<storage, read> rejected_logps: array<f32>;
// [B, inputs] what else the objective reads of a pair (reference log-probs, lengths, ...), in the order of the compiled objective
@group(0) @binding(4) var<storage, read> pair_inputs: array<f32>;
// [B] weight of each pair in the mean
@group(0) @binding(5) var<storage, read> weights: array<f32>;
// [B]
@group(0) @binding(6) var<storage, read_write> losses: array<f32>;
// [2, B] d(mean loss)/d(log-prob), chosen then rejected
@group(0) @binding(7) var<storage, read_write> slopes: array<f32>;
// [B, T, V] of the side
@group(0) @binding(8) var<storage, read> logits: array<f32>;
// [B, T] of the side
@group(0) @binding(9) var<storage, read> tokens: array<u32>;
// [B, T] of the side, 1 = counted
@group(0) @binding(10) var<storage, read> mask: array<u32>;
// [B, T] finished row stats of the side
@group(0) @binding(11) var<storage, read> stats: array<vec2f>;
// [2, B] the slopes that pair_losses wrote
@group(0) @binding(12) var<storage, read> side_slopes: array<f32>;
// [B, T, V] of the side
@group(0) @binding(13) var<storage, read_write> gradient: array<f32>;

// Defines objective_of(pair, logp_w, logp_l) -> ObjectiveValue; all NaN where an input is.
//#slot objective

// Arithmetic may lose a NaN on the way; an undefined derivative must not become a plausible number.
fn scaled(derivative: f32, share: f32) -> f32 {
  return select(derivative * share, quiet_nan(), is_nan(derivative));
}

// One invocation a pair.
@compute @workgroup_size(64)
fn pair_losses(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = linear_workgroup(group, grid) * 64u + lane;
  if (pair >= params.pairs) { return; }
  let value = objective_of(pair, chosen_logps[pair], rejected_logps[pair]);
  let share = weights[pair] / f32(params.pairs);
  losses[pair] = value.loss;
  slopes[pair] = scaled(value.by_chosen, share);
  slopes[params.pairs + pair] = scaled(value.by_rejected, share);
}

// One invocation a logit.
@compute @workgroup_size(64)
fn preference_gradients(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.pairs * params.positions * params.columns) { return; }
  let row = element / params.columns;
  if (mask[row] == 0u) {
    gradient[element] = 0.0; // whatever stands there, NaN included, changes nothing
    return;
  }
  let slope = side_slopes[params.side * params.pairs + row / params.positions];
  let logp = log_prob(logits[element], stats[row]);
  if (is_nan(slope) || is_nan(logp)) {
    gradient[element] = quiet_nan();
    return;
  }
  let is_token = element % params.columns == tokens[row];
  // 1 - p of a token that holds nearly all mass, without cancellation
  gradient[element] = -slope * select(exp_nonpositive(logp), expm1_nonpositive(logp), is_token);
}
