//#include shared/grid
//#include shared/row_stats

// Row stats (peak, log(1 + rest)) of each counted row: all that a log-prob or a gradient needs to know of its row.
// Minimum traffic: 4 bytes a logit, 8 a row. Reference: src/backend/cpu/log_sum_exp.ts

struct Params {
  // number of rows
  rows: u32,
  // logits in a row
  columns: u32,
  // 1: rows with mask 0 are left out, their stats unwritten; 0: every row counts
  masked: u32,
  // parts that a row is split into
  parts: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [rows, columns]
@group(0) @binding(1) var<storage, read> logits: array<f32>;
// [rows], 1 = counted; not read unless params.masked
@group(0) @binding(2) var<storage, read> mask: array<u32>;
// [rows, parts] running stats of each part
@group(0) @binding(3) var<storage, read_write> parts: array<RowStats>;
// [rows]
@group(0) @binding(4) var<storage, read_write> stats: array<vec2f>;

var<workgroup> partial: array<RowStats, 64>;

fn is_counted(row: u32) -> bool {
  return params.masked == 0u || mask[row] != 0u;
}

// Short rows: one invocation a row.
@compute @workgroup_size(64)
fn log_sum_exp_packed(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows || !is_counted(row)) { return; }
  let first = row * params.columns;
  var running = row_stats_empty();
  for (var i = 0u; i < params.columns; i++) { running = row_stats_add(running, logits[first + i]); }
  stats[row] = row_stats_finish(running);
}

// Middle rows: one workgroup a row, lanes strided.
@compute @workgroup_size(64)
fn log_sum_exp_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows || !is_counted(row)) { return; } // the same for the whole workgroup
  let first = row * params.columns;
  var running = row_stats_empty();
  for (var i = lane; i < params.columns; i += 64u) { running = row_stats_add(running, logits[first + i]); }
  partial[lane] = running;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = row_stats_merge(partial[lane], partial[lane + half]); }
  }
  if (lane == 0u) { stats[row] = row_stats_finish(partial[0]); }
}

// Huge rows, first step: one invocation a part, strided so that neighbours read neighbouring logits.
@compute @workgroup_size(64)
fn log_sum_exp_split(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid) * 64u + lane;
  let row = index / params.parts;
  if (row >= params.rows || !is_counted(row)) { return; }
  let first = row * params.columns;
  var running = row_stats_empty();
  for (var i = index % params.parts; i < params.columns; i += params.parts) { running = row_stats_add(running, logits[first + i]); }
  parts[index] = running;
}

// Huge rows, second step: one invocation a row merges its parts.
@compute @workgroup_size(64)
fn log_sum_exp_merge(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows || !is_counted(row)) { return; }
  var running = row_stats_empty();
  for (var i = 0u; i < params.parts; i++) { running = row_stats_merge(running, parts[row * params.parts + i]); }
  stats[row] = row_stats_finish(running);
}
