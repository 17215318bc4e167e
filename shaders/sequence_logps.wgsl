//#include shared/grid
//#include shared/row_stats

// log pi(y|x) = sum_t mask_t ((x_t[token_t] - peak_t) - log(1 + rest_t)), from the row stats that log_sum_exp wrote.
// Reads one logit a position: the logits were read once, by log_sum_exp, and no [B, T, V] intermediate exists.
// Reference: src/backend/cpu/sequence_logps.ts

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
// [B]
@group(0) @binding(5) var<storage, read_write> logps: array<f32>;

// One invocation a sequence.
@compute @workgroup_size(64)
fn sequence_logps(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sequence = linear_workgroup(group, grid) * 64u + lane;
  if (sequence >= params.sequences) { return; }
  var total = 0.0;
  var undefined = false;
  for (var t = 0u; t < params.positions; t++) {
    let row = sequence * params.positions + t;
    if (mask[row] == 0u) { continue; }
    let logp = log_prob(logits[row * params.columns + tokens[row]], stats[row]);
    undefined = undefined || is_nan(logp);
    total += logp;
  }
  logps[sequence] = select(total, quiet_nan(), undefined);
}
