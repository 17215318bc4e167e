//#include shared/grid
//#include shared/row_stats
//#include shared/quads
//#slot load
//#slot store

// d(mean loss)/d(logits) = slope mask_t (1[v = token_t] - softmax(x_t)_v) for one side of the pairs, slope = d(mean loss)/d(log-prob).
// Minimum bytes: 8 a logit, read once more and written once; the row stats are reused, and masked rows are written only.
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

// What the loss gains by the logits of one position, the token's own term left out.
struct Slope {
  // d(mean loss)/d(log-prob); NaN where the row is undefined
  slope: f32,
  // finished stats of the row
  finished: vec2f,
}

fn away_from_token(x: vec4f, at: Slope) -> vec4f {
  let probs = exp_nonpositive4((x - at.finished.x) - at.finished.y);
  return select(-at.slope * probs, vec4f(at.slope), vec4<bool>(is_nan(at.slope)));
}

// One invocation a part of a row.
@compute @workgroup_size(64)
fn preference_gradients(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid) * 64u + lane;
  let row = index / params.parts;
  if (row >= params.rows) { return; }
  let base = row_base(row);
  let quads = quads_of_part(index % params.parts);
  var quad = quads.first;
  if (mask[row] == 0u) { // whatever stands there, NaN included, changes nothing
    let zeros = mat4x4f(vec4f(), vec4f(), vec4f(), vec4f());
    for (; quad + 3u * quads.step < quads.end; quad += 4u * quads.step) { store_quads(base, quad, quads.step, zeros); }
    for (; quad < quads.end; quad += quads.step) { store_quad(base, quad, vec4f()); }
    return;
  }
  let finished = stats[row];
  let slope = slopes[params.side * params.pairs + (params.first_row + row) / params.positions];
  let at = Slope(select(slope, finished.x, is_nan(finished.x)), finished);
  for (; quad + 3u * quads.step < quads.end; quad += 4u * quads.step) {
    let x = load_quads(base, quad, quads.step);
    let y = mat4x4f(away_from_token(x[0], at), away_from_token(x[1], at), away_from_token(x[2], at), away_from_token(x[3], at));
    store_quads(base, quad, quads.step, y);
  }
  for (; quad < quads.end; quad += quads.step) { store_quad(base, quad, away_from_token(load_quad(base, quad), at)); }

  // The token itself: 1 - p of one that holds nearly all mass, without cancellation.
  let token = tokens[row];
  let own = token / 4u;
  let is_here = own >= quads.first && own < quads.end && (own - quads.first) % quads.step == 0u;
  if (!is_here || is_nan(at.slope)) { return; }
  let x = load_quad(base, own);
  let is_token = vec4u(0u, 1u, 2u, 3u) == vec4u(token % 4u);
  let logps = (x - finished.x) - finished.y;
  let expm1 = vec4f(expm1_nonpositive(logps.x), expm1_nonpositive(logps.y), expm1_nonpositive(logps.z), expm1_nonpositive(logps.w));
  store_quad(base, own, select(away_from_token(x, at), -slope * expm1, is_token));
}
