//#include shared/grid
//#include shared/numerics

// What an objective reads of the whole batch, as one column of pair_inputs; held constant in its derivative.
// Sorting goes by counting: each invocation counts the values below its own, O(B) reads, so that no barrier is needed.
// Reference: src/backend/cpu/batch_statistics.ts

struct Params {
  // number of pairs, B
  pairs: u32,
  // columns of pair_inputs
  columns: u32,
  // the column to write
  column: u32,
  // which values: 0 chosen log-ratios, 1 rejected log-ratios, 2 policy margins, 3 reference margins
  values: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [B]
@group(0) @binding(1) var<storage, read> chosen_logps: array<f32>;
// [B]
@group(0) @binding(2) var<storage, read> rejected_logps: array<f32>;
// [B, 2] reference log-probs, chosen and rejected
@group(0) @binding(3) var<storage, read> references: array<vec2f>;
// [B] values in rising order
@group(0) @binding(4) var<storage, read_write> sorted: array<f32>;
// (mean, count) of the log-ratios of all earlier steps
@group(0) @binding(5) var<storage, read> running: array<f32>;
// the same with this step counted in
@group(0) @binding(6) var<storage, read_write> next_running: array<f32>;
// [B, columns]
@group(0) @binding(7) var<storage, read_write> pair_inputs: array<f32>;

fn value_of(pair: u32) -> f32 {
  let policy = vec2f(chosen_logps[pair], rejected_logps[pair]);
  let reference = references[pair];
  if (params.values == 0u) { return policy.x - reference.x; }
  if (params.values == 1u) { return policy.y - reference.y; }
  return select(reference.x - reference.y, policy.x - policy.y, params.values == 2u);
}

// Number of values below that of `pair`; among equal ones the earlier pair comes first. NaN stands above all: every rank is one pair's.
fn rank_of(pair: u32) -> u32 {
  let own = value_of(pair);
  let own_is_nan = is_nan(own);
  var rank = 0u;
  for (var other = 0u; other < params.pairs; other++) {
    let value = value_of(other);
    let as_large = select(value == own, is_nan(value), own_is_nan);
    let below = select(value < own && !is_nan(value), !is_nan(value), own_is_nan);
    if (below || (as_large && other < pair)) { rank++; }
  }
  return rank;
}

// Sum of the log-ratios of all responses.
fn logratio_sum() -> f32 {
  var total = 0.0;
  for (var pair = 0u; pair < params.pairs; pair++) {
    let reference = references[pair];
    total += (chosen_logps[pair] - reference.x) + (rejected_logps[pair] - reference.y);
  }
  return total;
}

// One invocation a pair: puts its value where it belongs in rising order.
@compute @workgroup_size(64)
fn batch_statistics_sort(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = linear_workgroup(group, grid) * 64u + lane;
  if (pair >= params.pairs) { return; }
  sorted[rank_of(pair)] = value_of(pair);
}

// One invocation a pair: the sorted value that holds the rank of the pair's own.
@compute @workgroup_size(64)
fn batch_statistics_same_rank(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = linear_workgroup(group, grid) * 64u + lane;
  if (pair >= params.pairs) { return; }
  pair_inputs[pair * params.columns + params.column] = sorted[rank_of(pair)];
}

// One invocation a pair: max(0, mean log-ratio of all responses).
@compute @workgroup_size(64)
fn batch_statistics_kl_baseline(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = linear_workgroup(group, grid) * 64u + lane;
  if (pair >= params.pairs) { return; }
  pair_inputs[pair * params.columns + params.column] = relu(logratio_sum() / f32(2u * params.pairs));
}

// One invocation a pair: mean log-ratio of this and all earlier steps.
@compute @workgroup_size(64)
fn batch_statistics_running_mean(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = linear_workgroup(group, grid) * 64u + lane;
  if (pair >= params.pairs) { return; }
  let added = f32(2u * params.pairs);
  let count = running[1] + added;
  let mean = running[0] + (logratio_sum() - added * running[0]) / count;
  pair_inputs[pair * params.columns + params.column] = mean;
  if (pair == 0u) {
    next_running[0] = mean;
    next_running[1] = count;
  }
}
