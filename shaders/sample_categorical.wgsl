//#include shared/grid
//#include shared/row_stats
//#include shared/rng

// Samples token indices from softmax(logits) of each row by inverting its distribution function, given the row stats.
// Reads the logits up to the token that is drawn. Runs stand one after the other; each draws with a seed of its own, as if it were alone. Reference: src/backend/cpu/sample_categorical.ts

struct Params {
  // rows of a run
  rows: u32,
  // logits in a row
  columns: u32,
  // samples of each row
  draws: u32,
  // number of runs
  runs: u32,
  // what the random numbers are drawn for
  stream: u32,
  // second word of the counter, such as the step of a run
  round: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [runs, rows, columns]
@group(0) @binding(1) var<storage, read> logits: array<f32>;
// [runs, rows] finished row stats
@group(0) @binding(2) var<storage, read> stats: array<vec2f>;
// [runs, rows, draws]; `columns` where a row has no distribution
@group(0) @binding(3) var<storage, read_write> samples: array<u32>;
// [runs] key of a run's random numbers
@group(0) @binding(4) var<storage, read> seeds: array<u32>;

// One invocation a block of four samples: a block of the generator has four words.
@compute @workgroup_size(64)
fn sample_categorical(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let total = params.rows * params.draws;
  let per_run = (total + 3u) / 4u;
  let place = linear_workgroup(group, grid) * 64u + lane;
  let run = place / per_run;
  if (run >= params.runs) { return; }
  let quad = place % per_run;
  let words = philox4x32(vec4u(quad, params.round, 0u, 0u), vec2u(seeds[run], params.stream));
  for (var i = 0u; i < 4u; i++) {
    let index = 4u * quad + i;
    if (index >= total) { return; }
    let row = run * params.rows + index / params.draws;
    let finished = stats[row];
    if (is_nan(finished.x)) {
      samples[run * total + index] = params.columns;
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
    samples[run * total + index] = drawn;
  }
}
