//#include shared/grid
//#include shared/read_row_stats
//#slot load
//#slot reduce
//#slot lanes
//#slot held

// Row stats (peak, log(1 + rest)) of each counted row: all that a log-prob or a gradient needs to know of its row.
// Minimum bytes: 4 a logit, 8 a row; each logit is read once. Reference: src/backend/cpu/log_sum_exp.ts

struct Params {
  // number of rows
  rows: u32,
  // logits in a row
  columns: u32,
  // 1: rows with mask 0 are left out, their stats unwritten; 0: every row counts
  masked: u32,
  // parts that a row is cut into
  parts: u32,
  // quads in a part; 0: part p holds every `parts`-th quad from p on
  run: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [rows, columns]
@group(0) @binding(1) var<storage, read> logits: array<Cell>;
// [rows], 1 = counted; not read unless params.masked
@group(0) @binding(2) var<storage, read> mask: array<u32>;
// [rows, parts]
@group(0) @binding(3) var<storage, read_write> parts: array<RowStats>;
// [rows]
@group(0) @binding(4) var<storage, read_write> stats: array<vec2f>;

fn is_counted(row: u32) -> bool {
  return params.masked == 0u || mask[row] != 0u;
}

// Short rows: one invocation a row, which it keeps in registers.
@compute @workgroup_size(64)
fn log_sum_exp_held(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows || !is_counted(row)) { return; }
  stats[row] = row_stats_finish(held_stats(held_load(row_base(row), lane)));
}

// Many rows: one invocation a row.
@compute @workgroup_size(64)
fn log_sum_exp_packed(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows || !is_counted(row)) { return; }
  stats[row] = row_stats_finish(read_row_stats(row_base(row), quads_of_part(0u)));
}

// Middle rows: one workgroup a row.
@compute @workgroup_size(WORKGROUP)
fn log_sum_exp_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows || !is_counted(row)) { return; } // the same for the whole workgroup
  let own = read_row_stats(row_base(row), quads_of_lane(quads_of_part(0u), lane, WORKGROUP));
  let whole = reduce_row_stats(lane, own);
  if (lane == 0u) { stats[row] = row_stats_finish(whole); }
}

// Middle rows: one workgroup a row, whose loads are all under way before the first is needed.
@compute @workgroup_size(WORKGROUP)
fn log_sum_exp_held_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows || !is_counted(row)) { return; } // the same for the whole workgroup
  let whole = reduce_row_stats(lane, held_stats(held_load(row_base(row), lane)));
  if (lane == 0u) { stats[row] = row_stats_finish(whole); }
}

// Huge rows, first step: one invocation a part.
@compute @workgroup_size(64)
fn log_sum_exp_split(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid) * 64u + lane;
  let row = index / params.parts;
  if (row >= params.rows || !is_counted(row)) { return; }
  parts[index] = read_row_stats(row_base(row), quads_of_part(index % params.parts));
}

// Huge rows, first step: one workgroup a part.
@compute @workgroup_size(WORKGROUP)
fn log_sum_exp_split_workgroups(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid);
  let row = index / params.parts;
  if (row >= params.rows || !is_counted(row)) { return; } // the same for the whole workgroup
  let own = read_row_stats(row_base(row), quads_of_lane(quads_of_part(index % params.parts), lane, WORKGROUP));
  let whole = reduce_row_stats(lane, own);
  if (lane == 0u) { parts[index] = whole; }
}

// Huge rows, second step: one invocation a row merges its parts.
@compute @workgroup_size(64)
fn log_sum_exp_merge(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows || !is_counted(row)) { return; }
  var whole = row_stats_empty();
  for (var i = 0u; i < params.parts; i++) { whole = row_stats_merge(whole, parts[row * params.parts + i]); }
  stats[row] = row_stats_finish(whole);
}
