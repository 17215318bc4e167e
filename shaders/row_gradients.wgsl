//#include shared/grid
//#include shared/read_row_stats
//#include shared/token_gradient
//#slot load
//#slot store
//#slot reduce
//#slot lanes
//#slot held
//#slot held_gradient

// Row stats (peak, log(1 + rest)) of each counted row, and slope mask_t (1[v = token_t] - softmax(x_t)_v) by its logits, for slopes that
// stand before any row is read: what log_sum_exp and preference_gradients give in two dispatches.
// Minimum bytes: 8 a logit, read once and written once. Where nothing keeps a row in registers, it is read a second time for its gradient:
// from a cache where its workgroup is still at work on it, 12 bytes a logit otherwise. Reference: src/backend/cpu/row_gradients.ts

struct Params {
  // number of rows, B T, or of those in this range
  rows: u32,
  // the first of them
  first_row: u32,
  // number of sequences of a side, B
  pairs: u32,
  // positions in a sequence, T
  positions: u32,
  // size of the vocabulary, V
  columns: u32,
  // 0 for the chosen side, 1 for the rejected
  side: u32,
  // parts that a row is cut into: 1
  parts: u32,
  // quads in it
  run: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [2, B] chosen then rejected
@group(0) @binding(1) var<storage, read> slopes: array<f32>;
// [rows, V]
@group(0) @binding(2) var<storage, read> logits: array<Cell>;
// [rows]
@group(0) @binding(3) var<storage, read> tokens: array<u32>;
// [rows], 1 = counted
@group(0) @binding(4) var<storage, read> mask: array<u32>;
// [rows] finished row stats; those of masked rows stay as they are
@group(0) @binding(5) var<storage, read_write> stats: array<vec2f>;
// [rows, V] gradient
@group(0) @binding(6) var<storage, read_write> result: array<Cell>;

fn slope_of(row: u32, whole: RowStats) -> Slope {
  return slope_of_row(slopes[params.side * params.pairs + (params.first_row + row) / params.positions], row_stats_finish(whole));
}

// Short rows: one invocation a row, which it keeps in registers.
@compute @workgroup_size(64)
fn row_gradients_held(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  let base = row_base(row);
  let quads = quads_of_part(0u);
  if (mask[row] == 0u) {
    write_zeros(base, quads);
    return;
  }
  let held = held_load(base, lane);
  let at = slope_of(row, held_stats(held));
  stats[row] = at.finished;
  held_gradient(base, lane, held, at);
  write_token(base, quads, tokens[row], at);
}

// Many rows: one invocation a row.
@compute @workgroup_size(64)
fn row_gradients_packed(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  let base = row_base(row);
  let quads = quads_of_part(0u);
  if (mask[row] == 0u) {
    write_zeros(base, quads);
    return;
  }
  let at = slope_of(row, read_row_stats(base, quads));
  stats[row] = at.finished;
  write_away_from_token(base, quads, at);
  write_token(base, quads, tokens[row], at);
}

// Middle rows: one workgroup a row.
@compute @workgroup_size(WORKGROUP)
fn row_gradients_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows) { return; } // the same for the whole workgroup
  let base = row_base(row);
  let quads = quads_of_lane(quads_of_part(0u), lane, WORKGROUP);
  if (mask[row] == 0u) { // this, too
    write_zeros(base, quads);
    return;
  }
  let at = slope_of(row, reduce_row_stats(lane, read_row_stats(base, quads)));
  if (lane == 0u) { stats[row] = at.finished; }
  write_away_from_token(base, quads, at);
  write_token(base, quads, tokens[row], at);
}

// Middle rows: one workgroup a row, which its lanes keep in registers between them.
@compute @workgroup_size(WORKGROUP)
fn row_gradients_held_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows) { return; } // the same for the whole workgroup
  let base = row_base(row);
  let quads = quads_of_lane(quads_of_part(0u), lane, WORKGROUP);
  if (mask[row] == 0u) { // this, too
    write_zeros(base, quads);
    return;
  }
  let held = held_load(base, lane);
  let at = slope_of(row, reduce_row_stats(lane, held_stats(held)));
  if (lane == 0u) { stats[row] = at.finished; }
  held_gradient(base, lane, held, at);
  write_token(base, quads, tokens[row], at);
}
