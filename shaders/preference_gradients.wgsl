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

// What a pair gives to the objective; names as in src/objectives/objective.ts.
struct PairInputs {
  // log pi(y_w)
  logp_w: f32,
  // log pi(y_l)
  logp_l: f32,
  // log pi_ref(y_w)
  ref_w: f32,
  // log pi_ref(y_l)
  ref_l: f32,
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
// [B, 2] reference log-probs of chosen and rejected
@group(0) @binding(4) var<storage, read> reference_logps: array<vec2f>;
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

//#slot objective

// One invocation a pair.
@compute @workgroup_size(64)
fn pair_losses(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = linear_workgroup(group, grid) * 64u + lane;
  if (pair >= params.pairs) { return; }
  let reference = reference_logps[pair];
  let inputs = PairInputs(chosen_logps[pair], rejected_logps[pair], reference.x, reference.y);
  let value = objective_of(inputs);
  let share = weights[pair] / f32(params.pairs);
  // Arithmetic may lose a NaN on the way; an undefined log-prob must not become a plausible number.
  let undefined = is_nan(inputs.logp_w) || is_nan(inputs.logp_l) || is_nan(inputs.ref_w) || is_nan(inputs.ref_l);
  losses[pair] = select(value.loss, quiet_nan(), undefined);
  slopes[pair] = select(value.by_chosen * share, quiet_nan(), undefined);
  slopes[params.pairs + pair] = select(value.by_rejected * share, quiet_nan(), undefined);
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
