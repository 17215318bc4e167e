//#include shared/grid
//#include shared/rng

// Random words: block i of four words is philox4x32(counter (i, round), key (seed, stream)). Reference: src/backend/cpu/random_words.ts

struct Params {
  // number of words
  length: u32,
  // key of the random numbers
  seed: u32,
  // what they are drawn for
  stream: u32,
  // second word of the counter
  round: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [length]
@group(0) @binding(1) var<storage, read_write> words: array<u32>;

// One invocation a block of four words.
@compute @workgroup_size(64)
fn random_words(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let quad = linear_workgroup(group, grid) * 64u + lane;
  let drawn = philox4x32(vec4u(quad, params.round, 0u, 0u), vec2u(params.seed, params.stream));
  for (var i = 0u; i < 4u; i++) {
    if (4u * quad + i < params.length) { words[4u * quad + i] = drawn[i]; }
  }
}
