//#include shared/grid
//#include shared/numerics
//#slot direction
//#slot lanes
//#slot reduce_sums
//#slot held_logs

// Gradient by the logits of KL(q || p) (forward: p - q), KL(p || q) (reverse: p (log p/q - KL)) or the Jensen–Shannon divergence
// beta KL(q || m) + (1 - beta) KL(p || m) with m = beta q + (1 - beta) p: p (1 - beta) (log p/m - KL(p || m)). p = softmax(logits), row by row.
// A row with an undefined log-prob is NaN throughout.
// Minimum bytes: 12 an entry, both log-probs read once and the gradient written once. A row's slope is a sum over the same row, so one
// workgroup can keep it in registers from the sum to the gradient; where nothing does, it is read twice.
// Reference: src/backend/cpu/kl_gradient.ts

struct Params {
  // number of rows
  rows: u32,
  // entries in a row
  columns: u32,
  // of Jensen–Shannon: the share of q in m, and the logs of both shares
  beta: f32,
  log_beta: f32,
  log_rest: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// [rows, columns] log p
@group(0) @binding(1) var<storage, read> log_probs: array<f32>;
// [rows, columns] log q
@group(0) @binding(2) var<storage, read> target_log_probs: array<f32>;
// [rows, columns]
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;
// [rows]
@group(0) @binding(4) var<storage, read_write> divergences: array<f32>;

// log p/m where p > 0: a probability that is 0 has the log -Infinity, and no part in m.
fn log_own_share(log_p: f32, log_q: f32) -> f32 {
  return -params.log_rest - softplus((log_q + params.log_beta) - (log_p + params.log_rest));
}

// log q/m where q > 0.
fn log_target_share(log_p: f32, log_q: f32) -> f32 {
  return -params.log_beta - softplus((log_p + params.log_rest) - (log_q + params.log_beta));
}

// Of some entries of a row: the divergence (Jensen–Shannon: KL(q || m)), KL(p || m), and how many are undefined.
fn sums_with(sums: vec3f, log_p: f32, log_q: f32) -> vec3f {
  if (is_nan(log_p) || is_nan(log_q)) { return sums + vec3f(0.0, 0.0, 1.0); }
  var more = sums;
  if (DIRECTION == FORWARD) {
    let q = exp_nonpositive(log_q);
    if (q > 0.0) { more.x = fma(-q, log_p - log_q, more.x); }
  } else if (DIRECTION == REVERSE) {
    let p = exp_nonpositive(log_p);
    if (p > 0.0) { more.x = fma(p, log_p - log_q, more.x); } // 0 log 0 = 0
  } else {
    let p = exp_nonpositive(log_p);
    let q = exp_nonpositive(log_q);
    if (p > 0.0) { more.y = fma(p, log_own_share(log_p, log_q), more.y); }
    if (q > 0.0) { more.x = fma(q, log_target_share(log_p, log_q), more.x); }
  }
  return more;
}

// The row's divergence, NaN where it is undefined, and KL(p || m).
fn sums_finish(sums: vec3f) -> vec2f {
  var divergence = sums.x;
  if (DIRECTION == JENSEN) { divergence = fma(params.beta, sums.x, (1.0 - params.beta) * sums.y); }
  return vec2f(select(divergence, quiet_nan(), sums.z > 0.0), sums.y);
}

fn gradient_of(log_p: f32, log_q: f32, finished: vec2f) -> f32 {
  if (is_nan(finished.x)) { return finished.x; }
  let p = exp_nonpositive(log_p);
  if (DIRECTION == FORWARD) { return p - exp_nonpositive(log_q); }
  if (!(p > 0.0)) { return 0.0; }
  if (DIRECTION == REVERSE) { return p * (log_p - log_q - finished.x); }
  return p * (1.0 - params.beta) * (log_own_share(log_p, log_q) - finished.y);
}

// Every `step`-th entry from `start` on, of a row that ends before `end`.
fn sums_of(start: u32, end: u32, step: u32) -> vec3f {
  var sums = vec3f();
  for (var v = start; v < end; v += step) { sums = sums_with(sums, log_probs[v], target_log_probs[v]); }
  return sums;
}

fn write_gradient(start: u32, end: u32, step: u32, finished: vec2f) {
  for (var v = start; v < end; v += step) { gradient[v] = gradient_of(log_probs[v], target_log_probs[v], finished); }
}

// One invocation a row.
@compute @workgroup_size(64)
fn kl_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  let first = row * params.columns;
  let finished = sums_finish(sums_of(first, first + params.columns, 1u));
  write_gradient(first, first + params.columns, 1u, finished);
  divergences[row] = finished.x;
}

// Long rows: one workgroup a row.
@compute @workgroup_size(WORKGROUP)
fn kl_gradient_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows) { return; } // the same for the whole workgroup
  let first = row * params.columns;
  let finished = sums_finish(reduce_sums(lane, sums_of(first + lane, first + params.columns, WORKGROUP)));
  write_gradient(first + lane, first + params.columns, WORKGROUP, finished);
  if (lane == 0u) { divergences[row] = finished.x; }
}

// Middle rows: one workgroup a row, which its lanes keep in registers between them.
@compute @workgroup_size(WORKGROUP)
fn kl_gradient_held_workgroup(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid);
  if (row >= params.rows) { return; } // the same for the whole workgroup
  let first = row * params.columns;
  let held = held_load(first, lane);
  let finished = sums_finish(reduce_sums(lane, held_sums(held)));
  held_write(first, lane, held, finished);
  if (lane == 0u) { divergences[row] = finished.x; }
}
