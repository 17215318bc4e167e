//#include shared/grid
//#include shared/row_stats

// Loss of each group of responses, and the slopes d(mean loss)/d(log-prob) of all its members. A group's loss is a sum over its responses i
// of an item that may read sums over the group's responses j: R_m(i) = sum_j T_m(i, j) or log sum_j exp T_m(i, j). With the weight
// w = 1 or exp(T_m(i, j) - R_m(i)) of a term in its sum, the chain rule gives response k
//   dL/dlogp_k = dF_k/dlogp_k + sum_m [ sum_j dF_k/dR_m(k) w dT_m(k, j)/dlogp_i + sum_i dF_i/dR_m(i) w dT_m(i, k)/dlogp_j ].
// An item may read sums over the response's tokens, too: S_n(i) = sum_t T_n(i, t). A token's log-prob is a part of its response's, so
//   dL/dlogp_kt = dL/dlogp_k + dF_k/dS_n(k) dT_n(k, t)/dlogp_t, where dL/dlogp_k has dF_k/dS_n(k) sum_t dT_n(k, t)/dlogp_k besides.
// Reference: src/backend/cpu/group_losses.ts

struct Params {
  // responses of all groups, N
  responses: u32,
  // tokens that there is room for in a response, T
  positions: u32,
}

struct Term {
  // T_m(i, j)
  value: f32,
  // its derivative by logp_i
  by_own: f32,
  // its derivative by logp_j, j taken for another response than i
  by_other: f32,
}

struct TokenTerm {
  // T_n(i, t)
  value: f32,
  // its derivative by logp_t
  by_token: f32,
  // its derivative by logp_i
  by_own: f32,
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
// [G] each group's share in the mean; those of several means, which share no group, may stand together
@group(0) @binding(5) var<storage, read> shares: array<f32>;
// [N, 2 + 2 REDUCTIONS + TOKEN_SUMS] of each response: F, dF/dlogp, R_m, dF/dR_m, d(mean loss)/dS_n
@group(0) @binding(6) var<storage, read_write> items: array<f32>;
// [G]
@group(0) @binding(7) var<storage, read_write> losses: array<f32>;
// [N] d(mean loss)/d(log-prob)
@group(0) @binding(8) var<storage, read_write> slopes: array<f32>;
// [N, T] log-prob of each token
@group(0) @binding(9) var<storage, read> token_logps: array<f32>;
// [N, T, TOKEN_WIDTH] 1 where there is a token, else 0, and what else the objective reads of it
@group(0) @binding(10) var<storage, read> token_inputs: array<f32>;
// [N, 2, TOKEN_SUMS] S_n, and sum_t dT_n/dlogp; not read where TOKEN_SUMS is 0
@group(0) @binding(11) var<storage, read_write> token_sums: array<f32>;
// [N, T] d(mean loss)/d(log-prob) of each token
@group(0) @binding(12) var<storage, read_write> token_slopes: array<f32>;

// Defines REDUCTIONS, TOKEN_SUMS, TOKEN_WIDTH, Reduced, TokenSums, Item, joins, is_log_sum, carries_slope, term_of(m, i, j) -> Term,
// token_term_of(n, i, row, logp) -> TokenTerm and item_of(i, reduced, over_tokens) -> Item; all three are NaN where an input is.
//#slot group_objective

const ITEM_SIZE = 2u + 2u * REDUCTIONS + TOKEN_SUMS;

fn is_token(row: u32) -> bool {
  return token_inputs[row * TOKEN_WIDTH] != 0.0;
}

// One invocation a response: its sums over tokens.
@compute @workgroup_size(64)
fn group_losses_token_sums(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_workgroup(group, grid) * 64u + lane;
  if (i >= params.responses) { return; }
  for (var n = 0u; n < TOKEN_SUMS; n++) {
    var total = 0.0;
    var by_own = 0.0;
    var undefined = false;
    for (var row = i * params.positions; row < (i + 1u) * params.positions; row++) {
      if (!is_token(row)) { continue; }
      let term = token_term_of(n, i, row, token_logps[row]);
      undefined = undefined || is_nan(term.value);
      total += term.value;
      by_own += term.by_own;
    }
    let at = 2u * TOKEN_SUMS * i + n;
    token_sums[at] = select(total, quiet_nan(), undefined);
    token_sums[at + TOKEN_SUMS] = select(by_own, quiet_nan(), undefined);
  }
}

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
  var over_tokens: TokenSums;
  let first_sum = 2u * TOKEN_SUMS * i;
  for (var n = 0u; n < TOKEN_SUMS; n++) { over_tokens[n] = token_sums[first_sum + n]; }
  let item = item_of(i, reduced, over_tokens);
  let at = ITEM_SIZE * i;
  let share = shares[membership[3u * i]];
  var by_own = item.by_own;
  var undefined = is_nan(by_own);
  for (var n = 0u; n < TOKEN_SUMS; n++) {
    let slope = item.by_tokens[n];
    let by_tokens_own = token_sums[first_sum + TOKEN_SUMS + n];
    undefined = undefined || is_nan(slope) || (slope != 0.0 && is_nan(by_tokens_own));
    if (slope != 0.0) { by_own += slope * by_tokens_own; }
    items[at + 2u + 2u * REDUCTIONS + n] = select(slope * share, slope, is_nan(slope));
  }
  items[at] = item.loss;
  items[at + 1u] = select(by_own, quiet_nan(), undefined);
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
  slopes[k] = select(slope * shares[own_group], quiet_nan(), undefined);
  if (k != first) { return; }
  var total = 0.0;
  for (var i = first; i < end; i++) {
    let loss = items[ITEM_SIZE * i];
    undefined = undefined || is_nan(loss);
    total += loss;
  }
  losses[own_group] = select(total, quiet_nan(), undefined);
}

// One invocation a position: the slope of its token.
@compute @workgroup_size(64)
fn group_losses_tokens(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.responses * params.positions || !is_token(row)) { return; }
  let i = row / params.positions;
  var slope = slopes[i];
  var undefined = is_nan(slope);
  for (var n = 0u; n < TOKEN_SUMS; n++) {
    let factor = items[ITEM_SIZE * i + 2u + 2u * REDUCTIONS + n];
    let by_token = token_term_of(n, i, row, token_logps[row]).by_token;
    undefined = undefined || is_nan(factor) || (factor != 0.0 && is_nan(by_token));
    if (factor != 0.0) { slope += factor * by_token; }
  }
  token_slopes[row] = select(slope, quiet_nan(), undefined);
}
