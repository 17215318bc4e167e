//#include shared/grid

// A policy whose logits are inner products, logit_v = <W_v, h_x>: one hidden vector a context, one unembedding row a token.
// Reference: src/backend/cpu/policy_features.ts

struct Params {
  // number of positions over all sequences, B T
  rows: u32,
  // size of the vocabulary, V
  columns: u32,
  // length of a hidden vector, d
  dimensions: u32,
  // number of hidden vectors
  contexts: u32,
  // positions of the chosen side; in `members`, an index from here on belongs to the rejected side
  chosen_rows: u32,
  // length of `members`
  member_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [contexts, dimensions]
@group(0) @binding(1) var<storage, read> hidden: array<f32>;
// [columns, dimensions]
@group(0) @binding(2) var<storage, read> unembedding: array<f32>;
// [rows] hidden vector that each position reads
@group(0) @binding(3) var<storage, read> row_contexts: array<u32>;
// [rows, columns]
@group(0) @binding(4) var<storage, read_write> logits: array<f32>;
// [contexts + 1] where each context's list begins in `members`
@group(0) @binding(5) var<storage, read> offsets: array<u32>;
// counted positions, grouped by context
@group(0) @binding(6) var<storage, read> members: array<u32>;
// context of each member
@group(0) @binding(7) var<storage, read> member_contexts: array<u32>;
// [chosen_rows, columns]
@group(0) @binding(8) var<storage, read> chosen_gradient: array<f32>;
// [rejected rows, columns]
@group(0) @binding(9) var<storage, read> rejected_gradient: array<f32>;
// [contexts, dimensions]
@group(0) @binding(10) var<storage, read_write> hidden_gradient: array<f32>;
// [columns, dimensions]
@group(0) @binding(11) var<storage, read_write> unembedding_gradient: array<f32>;

fn logit_gradient(row: u32, column: u32) -> f32 {
  if (row < params.chosen_rows) { return chosen_gradient[row * params.columns + column]; }
  return rejected_gradient[(row - params.chosen_rows) * params.columns + column];
}

// One invocation a logit.
@compute @workgroup_size(64)
fn policy_features_logits(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.rows * params.columns) { return; }
  let h = row_contexts[element / params.columns] * params.dimensions;
  let w = (element % params.columns) * params.dimensions;
  var logit = 0.0;
  for (var k = 0u; k < params.dimensions; k++) { logit = fma(unembedding[w + k], hidden[h + k], logit); }
  logits[element] = logit;
}

// d/dh_x = sum over the positions of x, and over v, of g_v W_v. One invocation an entry of a hidden vector.
@compute @workgroup_size(64)
fn policy_features_hidden_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.contexts * params.dimensions) { return; }
  let context = element / params.dimensions;
  let k = element % params.dimensions;
  var total = 0.0;
  for (var i = offsets[context]; i < offsets[context + 1u]; i++) {
    for (var v = 0u; v < params.columns; v++) {
      total = fma(logit_gradient(members[i], v), unembedding[v * params.dimensions + k], total);
    }
  }
  hidden_gradient[element] = total;
}

// d/dW_v = sum over all contexts of h_x times the sum of g_v over the positions of x. One invocation an entry of an unembedding row.
// The g_v are summed first: those of a pair cancel to the bit where v is neither token, and a fused product would leave its rounding.
@compute @workgroup_size(64)
fn policy_features_unembedding_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.columns * params.dimensions) { return; }
  let v = element / params.dimensions;
  let k = element % params.dimensions;
  var total = 0.0;
  var of_context = 0.0;
  for (var i = 0u; i < params.member_count; i++) {
    of_context += logit_gradient(members[i], v);
    let context = member_contexts[i];
    if (i + 1u < params.member_count && member_contexts[i + 1u] == context) { continue; }
    total = fma(of_context, hidden[context * params.dimensions + k], total);
    of_context = 0.0;
  }
  unembedding_gradient[element] = total;
}
