//#include shared/grid
//#include shared/row_stats

// WPO's weight of a pair (arXiv:2406.11827): product over its responses of exp(mean_t log pi(y_t) - log sum_v pi(v)^2), which is 1 for a
// response whose every token is as likely as a token sampled from the policy itself. Reads every counted logit once more.
// Reference: src/backend/cpu/wpo_weights.ts

struct Params {
  // number of pairs, B
  pairs: u32,
  // positions in a sequence, T
  positions: u32,
  // size of the vocabulary, V
  vocabulary: u32,
  // 0 for the chosen side, 1 for the rejected
  side: u32,
  // columns of pair_inputs
  columns: u32,
  // the column to write
  column: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [B, T, V] of the side
@group(0) @binding(1) var<storage, read> logits: array<f32>;
// [B, T] of the side
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
// [B, T] of the side, 1 = counted
@group(0) @binding(3) var<storage, read> mask: array<u32>;
// [B, T] finished row stats of the side
@group(0) @binding(4) var<storage, read> stats: array<vec2f>;
// [2, B] log-weights of the responses
@group(0) @binding(5) var<storage, read_write> scores: array<f32>;
// [B, columns]
@group(0) @binding(6) var<storage, read_write> pair_inputs: array<f32>;

// One invocation a sequence.
@compute @workgroup_size(64)
fn wpo_weights_scores(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sequence = linear_workgroup(group, grid) * 64u + lane;
  if (sequence >= params.pairs) { return; }
  var total = 0.0;
  var counted = 0.0;
  var undefined = false;
  for (var t = 0u; t < params.positions; t++) {
    let row = sequence * params.positions + t;
    if (mask[row] == 0u) { continue; }
    let first = row * params.vocabulary;
    var squares = row_stats_empty();
    for (var v = 0u; v < params.vocabulary; v++) {
      squares = row_stats_merge(squares, RowStats(2.0 * log_prob(logits[first + v], stats[row]), 0.0));
    }
    let finished = row_stats_finish(squares);
    let logp = log_prob(logits[first + tokens[row]], stats[row]);
    undefined = undefined || is_nan(logp) || is_nan(finished.x);
    total += (logp - finished.x) - finished.y;
    counted += 1.0;
  }
  scores[params.side * params.pairs + sequence] = select(total / max(counted, 1.0), quiet_nan(), undefined);
}

// One invocation a pair.
@compute @workgroup_size(64)
fn wpo_weights_pairs(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = linear_workgroup(group, grid) * 64u + lane;
  if (pair >= params.pairs) { return; }
  let chosen = scores[pair];
  let rejected = scores[params.pairs + pair];
  let weight = exp_safe(chosen + rejected);
  pair_inputs[pair * params.columns + params.column] = select(weight, quiet_nan(), is_nan(chosen) || is_nan(rejected));
}
