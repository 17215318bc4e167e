//#include shared/grid
//#include shared/token_gradient
//#slot load
//#slot store

// d(mean loss)/d(logits) = slope mask_t (1[v = token_t] - softmax(x_t)_v) for one side of the pairs, slope = d(mean loss)/d(log-prob).
// Minimum bytes: 8 a logit, read once more and written once; the row stats are reused, and masked rows are written only.
// No row is kept in registers from its stats to its gradient: a pair's slope follows from both its log-probs, so from the stats of every
// counted row of both responses (where a loss is linear, it is still NaN as soon as one of them is undefined), and registers do not
// outlive the dispatch that computes those. Where slopes stand before any row is read, row_gradients.wgsl reads a row once.
// Reference: src/backend/cpu/preference_gradients.ts

struct Params {
  // number of rows, B T, or of those in this range
  rows: u32,
  // the first of them
  first_row: u32,
  // number of pairs, B
  pairs: u32,
  // positions in a sequence, T
  positions: u32,
  // size of the vocabulary, V
  columns: u32,
  // 0 for the chosen side, 1 for the rejected
  side: u32,
  // parts that a row is cut into
  parts: u32,
  // quads in a part; 0: part p holds every `parts`-th quad from p on
  run: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [2, B] the slopes that pair_losses wrote, chosen then rejected
@group(0) @binding(1) var<storage, read> slopes: array<f32>;
// [rows, V]
@group(0) @binding(2) var<storage, read> logits: array<Cell>;
// [rows]
@group(0) @binding(3) var<storage, read> tokens: array<u32>;
// [rows], 1 = counted
@group(0) @binding(4) var<storage, read> mask: array<u32>;
// [rows] finished row stats
@group(0) @binding(5) var<storage, read> stats: array<vec2f>;
// [rows, V] gradient
@group(0) @binding(6) var<storage, read_write> result: array<Cell>;

// One invocation a part of a row.
@compute @workgroup_size(64)
fn preference_gradients(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid) * 64u + lane;
  let row = index / params.parts;
  if (row >= params.rows) { return; }
  let base = row_base(row);
  let quads = quads_of_part(index % params.parts);
  if (mask[row] == 0u) {
    write_zeros(base, quads);
    return;
  }
  let at = slope_of_row(slopes[params.side * params.pairs + (params.first_row + row) / params.positions], stats[row]);
  write_away_from_token(base, quads, at);
  write_token(base, quads, tokens[row], at);
}
