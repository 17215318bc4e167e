//#include shared/grid
//#include shared/exact_sum

// A policy whose logits are rows of a table (tabular, bigram, factorised sequence): every position reads the row of its context, plus
// a frozen offset where the policy has any.
// Reference: src/backend/cpu/policy_table.ts

struct Params {
  // number of positions over all sequences, B T
  rows: u32,
  // size of the vocabulary, V
  columns: u32,
  // rows of the table
  table_rows: u32,
  // positions of the chosen side; in `members`, an index from here on belongs to the rejected side
  chosen_rows: u32,
  // 1 where offsets are added
  has_offsets: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [table_rows, columns]
@group(0) @binding(1) var<storage, read> table: array<f32>;
// [rows] row of the table that each position reads
@group(0) @binding(2) var<storage, read> contexts: array<u32>;
// [rows, columns]
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;
// [table_rows + 1] where each table row's list begins in `members`
@group(0) @binding(4) var<storage, read> offsets: array<u32>;
// counted positions, grouped by the table row that they read
@group(0) @binding(5) var<storage, read> members: array<u32>;
// [chosen_rows, columns]
@group(0) @binding(6) var<storage, read> chosen_gradient: array<f32>;
// [rejected rows, columns]
@group(0) @binding(7) var<storage, read> rejected_gradient: array<f32>;
// [table_rows, columns]
@group(0) @binding(8) var<storage, read_write> gradient: array<f32>;
// [offset rows, columns]; not read unless params.has_offsets
@group(0) @binding(9) var<storage, read> offset_table: array<f32>;
// [rows] offset of each position; not read unless params.has_offsets
@group(0) @binding(10) var<storage, read> offset_rows: array<u32>;

// One invocation a logit.
@compute @workgroup_size(64)
fn policy_table_logits(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.rows * params.columns) { return; }
  let row = element / params.columns;
  let column = element % params.columns;
  var logit = table[contexts[row] * params.columns + column];
  if (params.has_offsets != 0u) { logit += offset_table[offset_rows[row] * params.columns + column]; }
  logits[element] = logit;
}

// One invocation an entry of the table; sums in the order of `members`, so that a run repeats bit for bit.
@compute @workgroup_size(64)
fn policy_table_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let element = linear_workgroup(group, grid) * 64u + lane;
  if (element >= params.table_rows * params.columns) { return; }
  let table_row = element / params.columns;
  let column = element % params.columns;
  var total = ExactSum(0.0, 0.0);
  for (var i = offsets[table_row]; i < offsets[table_row + 1u]; i++) {
    let row = members[i];
    if (row < params.chosen_rows) {
      total = plus(total, chosen_gradient[row * params.columns + column]);
    } else {
      total = plus(total, rejected_gradient[(row - params.chosen_rows) * params.columns + column]);
    }
  }
  gradient[element] = total_of(total);
}
