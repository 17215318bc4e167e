//#include shared/grid
//#include shared/row_stats
//#include shared/rng

// Samples token indices from softmax(logits) of each row by inverting its distribution function, given the row stats.
// Reads the logits up to the token that is drawn. Reference: src/backend/cpu/sample_categorical.ts

struct Params {
  // number of rows
  rows: u32,
  // logits in a row
  columns: u32,
  // samples of each row
  draws: u32,
  // key of the random numbers
  seed: u32,
  // what they are drawn for
  stream: u32,
  // second word of the counter, such as the step of a run
  round: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [rows, columns]
@group(0) @binding(1) var<storage, read> logits: array<f32>;
// [rows] finished row stats
@group(0) @binding(2) var<storage, read> stats: array<vec2f>;
// [rows, draws]; `columns` where a row has no distribution
@group(0) @binding(3) var<storage, read_write> samples: array<u32>;

// One invocation a block of four samples: a block of the generator has four words.
@compute @workgroup_size(64)
fn sample_categorical(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let quad = linear_workgroup(group, grid) * 64u + lane;
  let total = params.rows * params.draws;
  if (4u * quad >= total) { return; }
  let words = philox4x32(vec4u(quad, params.round, 0u, 0u), vec2u(params.seed, params.stream));
  for (var i = 0u; i < 4u; i++) {
    let index = 4u * quad + i;
    if (index >= total) { return; }
    let row = index / params.draws;
    let finished = stats[row];
    if (is_nan(finished.x)) {
      samples[index] = params.columns;
      continue;
    }
    let u = to_uniform(words[i]);
    var below = 0.0;
    var drawn = 0u;
    for (var v = 0u; v < params.columns; v++) {
      let p = exp_nonpositive(log_prob(logits[row * params.columns + v], finished));
      if (p > 0.0) { drawn = v; } // where rounding leaves the sum below u, the last token that can occur
      below += p;
      if (u < below) { break; }
    }
    samples[index] = drawn;
  }
}
