//#include shared/grid
//#include shared/row_stats

// Loss of each group of responses, and the slopes d(mean loss)/d(log-prob) of all its members. A group's loss is a sum over its responses i
// of an item that may read sums over the group's responses j: R_m(i) = sum_j T_m(i, j) or log sum_j exp T_m(i, j). With the weight
// w = 1 or exp(T_m(i, j) - R_m(i)) of a term in its sum, the chain rule gives response k
//   dL/dlogp_k = dF_k/dlogp_k + sum_m [ sum_j dF_k/dR_m(k) w dT_m(k, j)/dlogp_i + sum_i dF_i/dR_m(i) w dT_m(i, k)/dlogp_j ].
// Reference: src/backend/cpu/group_losses.ts

struct Params {
  // number of groups, G
  groups: u32,
  // responses of all groups, N
  responses: u32,
}

struct Term {
  // T_m(i, j)
  value: f32,
  // its derivative by logp_i
  by_own: f32,
  // its derivative by logp_j, j taken for another response than i
  by_other: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// values of the objective's parameters
@group(0) @binding(1) var<storage, read> objective_parameters: array<f32>;
// [N] the responses of a group in their order, best first, and group after group
@group(0) @binding(2) var<storage, read> logps: array<f32>;
// [N, inputs] what else the objective reads of a response, in the order of the compiled objective
@group(0) @binding(3) var<storage, read> group_inputs: array<f32>;
// [N, 3] the response's group, that group's first response, and the one after its last
@group(0) @binding(4) var<storage, read> membership: array<u32>;
// [G] weight of each group in the mean
@group(0) @binding(5) var<storage, read> weights: array<f32>;
// [N, 2 + 2 REDUCTIONS] of each response: F, dF/dlogp, R_m, dF/dR_m
@group(0) @binding(6) var<storage, read_write> items: array<f32>;
// [G]
@group(0) @binding(7) var<storage, read_write> losses: array<f32>;
// [N] d(mean loss)/d(log-prob)
@group(0) @binding(8) var<storage, read_write> slopes: array<f32>;

// Defines REDUCTIONS, Reduced, Item, joins, is_log_sum, carries_slope, term_of(m, i, j) -> Term and item_of(i, reduced) -> Item; both are
// NaN where an input is.
//#slot group_objective

const ITEM_SIZE = 2u + 2u * REDUCTIONS;

// R_m(i)
fn sum_over(m: u32, i: u32, first: u32, end: u32) -> f32 {
  var running = row_stats_empty();
  var total = 0.0;
  var undefined = false;
  for (var j = first; j < end; j++) {
    if (!joins(m, i, j)) { continue; }
    let value = term_of(m, i, j).value;
    undefined = undefined || is_nan(value) || (is_log_sum(m) && bitcast<u32>(value) == INFINITY_BITS);
    running = row_stats_merge(running, RowStats(value, 0.0));
    total += value;
  }
  if (undefined) { return quiet_nan(); }
  if (!is_log_sum(m)) { return total; }
  let finished = row_stats_finish(running);
  return select(finished.x + finished.y, quiet_nan(), is_nan(finished.x));
}

// One invocation a response: its sums over j, its item and the item's derivatives.
@compute @workgroup_size(64)
fn group_losses_items(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_workgroup(group, grid) * 64u + lane;
  if (i >= params.responses) { return; }
  var reduced: Reduced;
  for (var m = 0u; m < REDUCTIONS; m++) { reduced[m] = sum_over(m, i, membership[3u * i + 1u], membership[3u * i + 2u]); }
  let item = item_of(i, reduced);
  let at = ITEM_SIZE * i;
  items[at] = item.loss;
  items[at + 1u] = item.by_own;
  for (var m = 0u; m < REDUCTIONS; m++) {
    items[at + 2u + m] = reduced[m];
    items[at + 2u + REDUCTIONS + m] = item.by_reduced[m];
  }
}

// dF_i/dR_m(i) w, the derivative of the group's loss by the term (i, j)
fn pull(m: u32, i: u32, value: f32) -> f32 {
  let adjoint = items[ITEM_SIZE * i + 2u + REDUCTIONS + m];
  if (!is_log_sum(m) || adjoint == 0.0 || is_nan(adjoint)) { return adjoint; }
  return adjoint * exp_nonpositive(min(value - items[ITEM_SIZE * i + 2u + m], 0.0));
}

// One invocation a response: its slope. The first of a group adds the group's items up.
@compute @workgroup_size(64)
fn group_losses(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k = linear_workgroup(group, grid) * 64u + lane;
  if (k >= params.responses) { return; }
  let own_group = membership[3u * k];
  let first = membership[3u * k + 1u];
  let end = membership[3u * k + 2u];
  var slope = items[ITEM_SIZE * k + 1u];
  var undefined = is_nan(slope);
  for (var m = 0u; m < REDUCTIONS; m++) {
    if (!carries_slope(m)) { continue; }
    for (var j = first; j < end; j++) {
      if (joins(m, k, j)) {
        let term = term_of(m, k, j);
        // both derivatives of a response's term with itself at once: what cancels between them does so exactly
        let derivative = select(term.by_own, term.by_own + term.by_other, j == k);
        let factor = pull(m, k, term.value);
        undefined = undefined || is_nan(factor) || (factor != 0.0 && is_nan(derivative));
        if (factor != 0.0) { slope += factor * derivative; }
      }
      if (j != k && joins(m, j, k)) {
        let term = term_of(m, j, k);
        let factor = pull(m, j, term.value);
        undefined = undefined || is_nan(factor) || (factor != 0.0 && is_nan(term.by_other));
        if (factor != 0.0) { slope += factor * term.by_other; }
      }
    }
  }
  slopes[k] = select(slope * (weights[own_group] / f32(params.groups)), quiet_nan(), undefined);
  if (k != first) { return; }
  var total = 0.0;
  for (var i = first; i < end; i++) {
    let loss = items[ITEM_SIZE * i];
    undefined = undefined || is_nan(loss);
    total += loss;
  }
  losses[own_group] = select(total, quiet_nan(), undefined);
}
