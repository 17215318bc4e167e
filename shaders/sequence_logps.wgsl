//#include shared/grid
//#include shared/row_stats

// log pi(y|x) = sum_t mask_t ((x_t[token_t] - peak_t) - log(1 + rest_t)), from the row stats that log_sum_exp wrote.
// Minimum bytes: 24 a position and 4 a sequence. The logits were read once, by log_sum_exp: here one a position is, and no
// [B, T, V] intermediate exists. Reference: src/backend/cpu/sequence_logps.ts

struct Params {
  // number of rows, B T, or of those in this range; of sequences, B, for sequence_logps_sum
  rows: u32,
  // positions in a sequence, T
  positions: u32,
  // size of the vocabulary, V
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [rows, V]
@group(0) @binding(1) var<storage, read> logits: array<f32>;
// [rows]
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
// [rows], 1 = counted
@group(0) @binding(3) var<storage, read> mask: array<u32>;
// [rows] finished row stats
@group(0) @binding(4) var<storage, read> stats: array<vec2f>;
// [rows] log-prob of each token, 0 where masked
@group(0) @binding(5) var<storage, read_write> token_logps: array<f32>;
// [B]
@group(0) @binding(6) var<storage, read_write> logps: array<f32>;

// One invocation a position.
@compute @workgroup_size(64)
fn sequence_logps_tokens(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  if (mask[row] == 0u) { // whatever stands there, NaN included, changes nothing
    token_logps[row] = 0.0;
    return;
  }
  token_logps[row] = log_prob(logits[row * params.columns + tokens[row]], stats[row]);
}

// One invocation a sequence; four sums side by side, so that the rounding grows with T / 4.
@compute @workgroup_size(64)
fn sequence_logps_sum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sequence = linear_workgroup(group, grid) * 64u + lane;
  if (sequence >= params.rows) { return; }
  let end = (sequence + 1u) * params.positions;
  var totals = vec4f();
  var worst = vec4u();
  var t = sequence * params.positions;
  for (; t + 3u < end; t += 4u) {
    let quad = vec4f(token_logps[t], token_logps[t + 1u], token_logps[t + 2u], token_logps[t + 3u]);
    totals += quad;
    worst = max(worst, magnitude4(quad));
  }
  for (; t < end; t++) {
    totals.x += token_logps[t];
    worst.x = max(worst.x, bitcast<u32>(token_logps[t]) & 0x7fffffffu);
  }
  let undefined = any(worst > vec4u(INFINITY_BITS));
  logps[sequence] = select((totals.x + totals.y) + (totals.z + totals.w), quiet_nan(), undefined);
}
