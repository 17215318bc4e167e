//#include shared/grid
//#include shared/read_row_stats
//#slot load
//#slot store
//#slot reduce
//#slot lanes
//#slot held
//#slot held_normalise

// log_softmax over rows: y = (x - peak) - log(1 + rest).
// Minimum bytes: 8 an element, read once and written once. Where nothing keeps a row in registers, it is read a second time to be
// normalised: from a cache where its workgroup is still at work on it, 12 bytes an element otherwise. Reference: src/backend/cpu/log_softmax.ts

struct Params {
  // number of rows
  rows: u32,
  // logits in a row
  columns: u32,
  // parts that a row is cut into
  parts: u32,
  // quads in a part; 0: part p holds every `parts`-th quad from p on
  run: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [rows, columns]
@group(0) @binding(1) var<storage, read> logits: array<Cell>;
// [rows] finished row stats
@group(0) @binding(2) var<storage, read> stats: array<vec2f>;
// [rows, columns] log-probs
@group(0) @binding(3) var<storage, read_write> result: array<Cell>;

fn normalise(base: u32, quads: Quads, finished: vec2f) {
  var quad = quads.first;
  for (; quad + 3u * quads.step < quads.end; quad += 4u * quads.step) {
    let x = load_quads(base, quad, quads.step);
    let y = mat4x4f(log_prob4(x[0], finished), log_prob4(x[1], finished), log_prob4(x[2], finished), log_prob4(x[3], finished));
    store_quads(base, quad, quads.step, y);
  }
  for (; quad < quads.end; quad += quads.step) { store_quad(base, quad, log_prob4(load_quad(base, quad), finished)); }
}

// Short rows: one invocation a row, which it keeps in registers.
@compute @workgroup_size(64)
fn log_softmax_held(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  let held = held_load(row_base(row), lane);
  held_normalise(row_base(row), lane, held, row_stats_finish(held_stats(held)));
}

// Many rows: one invocation a row.
@compute @workgroup_size(64)
fn log_softmax_packed(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  let quads = quads_of_part(0u);
  normalise(row_base(row), quads, row_stats_finish(read_row_stats(row_base(row), quads)));
}

// Middle rows: one workgroup a row.
@compute @workgroup_size(WORKGROUP)
fn log_softmax_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows) { return; } // the same for the whole workgroup
  let quads = quads_of_lane(quads_of_part(0u), lane, WORKGROUP);
  let own = read_row_stats(row_base(row), quads);
  normalise(row_base(row), quads, row_stats_finish(reduce_row_stats(lane, own)));
}

// Middle rows: one workgroup a row, which its lanes keep in registers between them.
@compute @workgroup_size(WORKGROUP)
fn log_softmax_held_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows) { return; } // the same for the whole workgroup
  let held = held_load(row_base(row), lane);
  held_normalise(row_base(row), lane, held, row_stats_finish(reduce_row_stats(lane, held_stats(held))));
}

// Huge rows, whose stats log_sum_exp has written: one invocation a part.
@compute @workgroup_size(64)
fn log_softmax_normalise(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid) * 64u + lane;
  let row = index / params.parts;
  if (row >= params.rows) { return; }
  normalise(row_base(row), quads_of_part(index % params.parts), stats[row]);
}
