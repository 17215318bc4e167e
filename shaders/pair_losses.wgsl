//#include shared/grid
//#include shared/numerics

// Loss of each pair, and the slopes d(mean loss)/d(log-prob) = (weight / B) dl/dlogp of its two log-probs.
// Reference: src/backend/cpu/pair_losses.ts

struct Params {
  // number of pairs, B
  pairs: u32,
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
