//#include shared/grid
//#include shared/numerics

// Slopes of the normalised pair update for one side: -+ (weight / B) / |grad log pi(y)|, so that the backward pass sums unit vectors.
// From r_t = 1[v = token_t] - softmax_t, the gradient's squared length is a sum over pairs of positions (t, u) of
// <r_t, r_u> times 1[same context] for a table, of <h_t, h_u> <r_t, r_u> for the unembedding and of <W'r_t, W'r_u> 1[same context]
// for the hidden vectors. Reference: src/backend/cpu/normalised_slopes.ts

struct Params {
  // number of sequences, B
  sequences: u32,
  // positions in a sequence, T
  positions: u32,
  // size of the vocabulary, V
  columns: u32,
  // length of a hidden vector, d; 0 for a table
  dimensions: u32,
  // 1 where the hidden vectors are trained
  hidden_trained: u32,
  // 1 where the unembedding is trained
  unembedding_trained: u32,
  // 0 for the chosen side, 1 for the rejected
  side: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [B, T, V] gradients by the logits for slopes of 1; 0 where a position is not counted
@group(0) @binding(1) var<storage, read> residuals: array<f32>;
// [B, T]
@group(0) @binding(2) var<storage, read> contexts: array<u32>;
// [contexts, d]; not read for a table
@group(0) @binding(3) var<storage, read> hidden: array<f32>;
// [V, d]; not read for a table
@group(0) @binding(4) var<storage, read> unembedding: array<f32>;
// [B]
@group(0) @binding(5) var<storage, read> weights: array<f32>;
// [2, B]
@group(0) @binding(6) var<storage, read_write> slopes: array<f32>;

// half the distance from 1 to the next larger number
const roundoff = 0x1p-24;

// A sum and, beside it, the sum of its terms' sizes: it says what the sum's rounding may come to.
fn pulled_back(row: u32, k: u32) -> vec2f {
  var total = vec2f(0.0);
  for (var v = 0u; v < params.columns; v++) {
    let r = residuals[row * params.columns + v];
    let w = unembedding[v * params.dimensions + k];
    total = fma(vec2f(r, abs(r)), vec2f(w, abs(w)), total);
  }
  return total;
}

fn gradient_product(a: u32, b: u32) -> vec2f {
  let same_context = contexts[a] == contexts[b];
  var by_logits = vec2f(0.0);
  for (var v = 0u; v < params.columns; v++) {
    let p = residuals[a * params.columns + v];
    let q = residuals[b * params.columns + v];
    by_logits = fma(vec2f(p, abs(p)), vec2f(q, abs(q)), by_logits);
  }
  if (params.dimensions == 0u) { return select(vec2f(0.0), by_logits, same_context); }
  var total = vec2f(0.0);
  if (params.unembedding_trained != 0u) {
    var by_hidden = vec2f(0.0);
    for (var k = 0u; k < params.dimensions; k++) {
      let p = hidden[contexts[a] * params.dimensions + k];
      let q = hidden[contexts[b] * params.dimensions + k];
      by_hidden = fma(vec2f(p, abs(p)), vec2f(q, abs(q)), by_hidden);
    }
    total = by_hidden * by_logits;
  }
  if (params.hidden_trained != 0u && same_context) {
    for (var k = 0u; k < params.dimensions; k++) { total = fma(pulled_back(a, k), pulled_back(b, k), total); }
  }
  return total;
}

// One invocation a sequence.
@compute @workgroup_size(64)
fn normalised_slopes(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let sequence = linear_workgroup(group, grid) * 64u + lane;
  if (sequence >= params.sequences) { return; }
  let first = sequence * params.positions;
  var length_squared = vec2f(0.0);
  for (var t = 0u; t < params.positions; t++) {
    length_squared += gradient_product(first + t, first + t);
    for (var u = 0u; u < t; u++) { length_squared += 2.0 * gradient_product(first + t, first + u); }
  }
  let share = weights[sequence] / f32(params.sequences);
  let slope = select(-share, share, params.side == 1u) / sqrt(length_squared.x);
  // A gradient of length 0 has no direction, and moves nothing; nor does one of which the terms' rounding is all that is left.
  let roundings = f32(2u * (params.columns + params.dimensions) + params.positions * params.positions + 6u);
  let is_nothing = length_squared.x <= roundings * roundoff * length_squared.y && !is_nan(length_squared.x);
  slopes[params.side * params.sequences + sequence] = select(slope, 0.0, is_nothing);
}
