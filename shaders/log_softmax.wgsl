//#include shared/grid
//#include shared/row_stats

// log_softmax over rows: y = (x - peak) - log(1 + rest).
// Minimum traffic: 8 bytes an element (read once, write once). Reference: src/backend/cpu/log_softmax.ts

struct Params {
  // number of rows
  rows: u32,
  // logits in a row
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [rows, columns]
@group(0) @binding(1) var<storage, read> logits: array<f32>;
// [rows] finished row stats
@group(0) @binding(2) var<storage, read> stats: array<vec2f>;
// [rows, columns]
@group(0) @binding(3) var<storage, read_write> log_probs: array<f32>;

var<workgroup> partial: array<RowStats, 64>;

// Short rows: one invocation a row.
@compute @workgroup_size(64)
fn log_softmax_packed(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  let first = row * params.columns;
  var running = row_stats_empty();
  for (var i = 0u; i < params.columns; i++) { running = row_stats_add(running, logits[first + i]); }
  let finished = row_stats_finish(running);
  for (var i = 0u; i < params.columns; i++) { log_probs[first + i] = log_prob(logits[first + i], finished); }
}

// Middle rows: one workgroup a row, lanes strided.
@compute @workgroup_size(64)
fn log_softmax_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows) { return; } // the same for the whole workgroup
  let first = row * params.columns;
  var running = row_stats_empty();
  for (var i = lane; i < params.columns; i += 64u) { running = row_stats_add(running, logits[first + i]); }
  partial[lane] = running;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = row_stats_merge(partial[lane], partial[lane + half]); }
  }
  workgroupBarrier();
  let finished = row_stats_finish(partial[0]);
  for (var i = lane; i < params.columns; i += 64u) { log_probs[first + i] = log_prob(logits[first + i], finished); }
}

// Huge rows, whose stats log_sum_exp has already written: one invocation an element.
@compute @workgroup_size(64)
fn log_softmax_normalise(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.rows * params.columns) { return; }
  log_probs[element] = log_prob(logits[element], stats[element / params.columns]);
}
