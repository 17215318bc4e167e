//#include shared/grid
//#include shared/row_stats

// Sequence log-probs whose tokens count unequally, sum_t mask_t weight_t log pi(y_t), and the same weights on the logit gradient.
// Only objectives that weight tokens (LD-DPO) dispatch these. Reference: src/backend/cpu/token_weights.ts

struct Params {
  // number of sequences, B
  sequences: u32,
  // positions in a sequence, T
  positions: u32,
  // size of the vocabulary, V
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [B, T, V]
@group(0) @binding(1) var<storage, read> logits: array<f32>;
// [B, T]
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
// [B, T], 1 = counted
@group(0) @binding(3) var<storage, read> mask: array<u32>;
// [B, T] finished row stats
@group(0) @binding(4) var<storage, read> stats: array<vec2f>;
// [B, T]
@group(0) @binding(5) var<storage, read> token_weights: array<f32>;
// [B]
@group(0) @binding(6) var<storage, read_write> weighted_logps: array<f32>;
// [B, T, V]
@group(0) @binding(7) var<storage, read_write> gradient: array<f32>;

// One invocation a sequence.
@compute @workgroup_size(64)
fn token_weights_logps(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sequence = linear_workgroup(group, grid) * 64u + lane;
  if (sequence >= params.sequences) { return; }
  var total = 0.0;
  var undefined = false;
  for (var t = 0u; t < params.positions; t++) {
    let row = sequence * params.positions + t;
    if (mask[row] == 0u) { continue; }
    let logp = log_prob(logits[row * params.columns + tokens[row]], stats[row]);
    undefined = undefined || is_nan(logp);
    total = fma(token_weights[row], logp, total);
  }
  weighted_logps[sequence] = select(total, quiet_nan(), undefined);
}

// One invocation a logit.
@compute @workgroup_size(64)
fn token_weights_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.sequences * params.positions * params.columns) { return; }
  let value = gradient[element];
  gradient[element] = select(value * token_weights[element / params.columns], value, is_nan(value));
}
