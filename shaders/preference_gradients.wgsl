//#include shared/grid
//#include shared/row_stats

// d(mean loss)/d(logits) = slope mask_t (1[v = token_t] - softmax(x_t)_v) for one side of the pairs, slope = d(mean loss)/d(log-prob).
// Minimum traffic: 8 bytes a logit (read once more, written once); the row stats are reused.
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

@group(0) @binding(0) var<uniform> params: Params;
// [2, B] the slopes that pair_losses wrote, chosen then rejected
@group(0) @binding(1) var<storage, read> slopes: array<f32>;
// [B, T, V] of the side
@group(0) @binding(2) var<storage, read> logits: array<f32>;
// [B, T] of the side
@group(0) @binding(3) var<storage, read> tokens: array<u32>;
// [B, T] of the side, 1 = counted
@group(0) @binding(4) var<storage, read> mask: array<u32>;
// [B, T] finished row stats of the side
@group(0) @binding(5) var<storage, read> stats: array<vec2f>;
// [B, T, V] of the side
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;

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
  let slope = slopes[params.side * params.pairs + row / params.positions];
  let logp = log_prob(logits[element], stats[row]);
  if (is_nan(slope) || is_nan(logp)) {
    gradient[element] = quiet_nan();
    return;
  }
  let is_token = element % params.columns == tokens[row];
  // 1 - p of a token that holds nearly all mass, without cancellation
  gradient[element] = -slope * select(exp_nonpositive(logp), expm1_nonpositive(logp), is_token);
}
