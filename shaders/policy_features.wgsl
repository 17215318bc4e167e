//#include shared/grid
//#include shared/exact_sum

// A policy whose logits are inner products, logit_v = <W_v, h_x>: one hidden vector a context, one unembedding row a token. Of several
// policies at once, contexts and unembeddings stand one policy after the other.
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
  // neighbouring ones that share an unembedding: all of them, or those of one policy
  sharing: u32,
  // positions of the chosen side; in `members`, an index from here on belongs to the rejected side
  chosen_rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [contexts, dimensions]
@group(0) @binding(1) var<storage, read> hidden: array<f32>;
// [contexts / sharing, columns, dimensions]
@group(0) @binding(2) var<storage, read> unembedding: array<f32>;
// [rows] hidden vector that each position reads
@group(0) @binding(3) var<storage, read> row_contexts: array<u32>;
// [rows, columns]
@group(0) @binding(4) var<storage, read_write> logits: array<f32>;
// [contexts + 1] where each context's list begins in `members`
@group(0) @binding(5) var<storage, read> offsets: array<u32>;
// counted positions, grouped by context
@group(0) @binding(6) var<storage, read> members: array<u32>;
// [chosen_rows, columns]
@group(0) @binding(7) var<storage, read> chosen_gradient: array<f32>;
// [rejected rows, columns]
@group(0) @binding(8) var<storage, read> rejected_gradient: array<f32>;
// [contexts, dimensions]
@group(0) @binding(9) var<storage, read_write> hidden_gradient: array<f32>;
// [contexts / sharing, columns, dimensions]
@group(0) @binding(10) var<storage, read_write> unembedding_gradient: array<f32>;

fn logit_gradient(row: u32, column: u32) -> f32 {
  if (row < params.chosen_rows) { return chosen_gradient[row * params.columns + column]; }
  return rejected_gradient[(row - params.chosen_rows) * params.columns + column];
}

// Sum of g_v over the positions of a context: 0 to the bit where what one pair adds another takes away.
fn context_gradient(context: u32, column: u32) -> f32 {
  var total = ExactSum(0.0, 0.0);
  for (var i = offsets[context]; i < offsets[context + 1u]; i++) { total = plus(total, logit_gradient(members[i], column)); }
  return total_of(total);
}

// One invocation a logit.
@compute @workgroup_size(64)
fn policy_features_logits(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.rows * params.columns) { return; }
  let context = row_contexts[element / params.columns];
  let h = context * params.dimensions;
  let w = (context / params.sharing * params.columns + element % params.columns) * params.dimensions;
  var logit = 0.0;
  for (var k = 0u; k < params.dimensions; k++) { logit = fma(unembedding[w + k], hidden[h + k], logit); }
  logits[element] = logit;
}

// d/dh_x = sum over v of W_v times the sum of g_v over the positions of x. One invocation an entry of a hidden vector.
@compute @workgroup_size(64)
fn policy_features_hidden_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.contexts * params.dimensions) { return; }
  let context = element / params.dimensions;
  let w = context / params.sharing * params.columns * params.dimensions + element % params.dimensions;
  var total = 0.0;
  for (var v = 0u; v < params.columns; v++) {
    total = fma(context_gradient(context, v), unembedding[w + v * params.dimensions], total);
  }
  hidden_gradient[element] = total;
}

// d/dW_v = sum over all contexts that share W of h_x times the sum of g_v over the positions of x. One invocation an entry of an unembedding
// row. The g_v are summed first: those of a pair cancel where v is neither token, and a fused product would leave its rounding.
@compute @workgroup_size(64)
fn policy_features_unembedding_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  let row = element / params.dimensions;
  let first = row / params.columns * params.sharing;
  if (first >= params.contexts) { return; }
  let v = row % params.columns;
  var total = 0.0;
  for (var context = first; context < first + params.sharing; context++) {
    total = fma(context_gradient(context, v), hidden[context * params.dimensions + element % params.dimensions], total);
  }
  unembedding_gradient[element] = total;
}
