//#include shared/grid
//#include shared/numerics

// Gradient by the logits of KL(q || p) (forward: p - q), KL(p || q) (reverse: p (log p/q - KL)) or the Jensen–Shannon divergence
// beta KL(q || m) + (1 - beta) KL(p || m) with m = beta q + (1 - beta) p: p (1 - beta) (log p/m - KL(p || m)). p = softmax(logits), row by row.
// A row with an undefined log-prob is NaN throughout.
// Reference: src/backend/cpu/kl_gradient.ts

struct Params {
  // number of rows
  rows: u32,
  // entries in a row
  columns: u32,
  // 0: forward, KL(q || p); 1: reverse, KL(p || q); 2: Jensen–Shannon
  direction: u32,
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

// One invocation a row.
@compute @workgroup_size(64)
fn kl_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  let first = row * params.columns;
  var divergence = 0.0;
  var to_mixture = 0.0;
  var undefined = false;
  for (var v = first; v < first + params.columns; v++) {
    undefined = undefined || is_nan(log_probs[v]) || is_nan(target_log_probs[v]);
    let gap = log_probs[v] - target_log_probs[v];
    if (params.direction == 2u) {
      let p = exp_nonpositive(log_probs[v]);
      let q = exp_nonpositive(target_log_probs[v]);
      if (p > 0.0) { to_mixture = fma(p, log_own_share(log_probs[v], target_log_probs[v]), to_mixture); }
      if (q > 0.0) { divergence = fma(q, log_target_share(log_probs[v], target_log_probs[v]), divergence); }
    } else if (params.direction == 1u) {
      let p = exp_nonpositive(log_probs[v]);
      if (p > 0.0) { divergence = fma(p, gap, divergence); } // 0 log 0 = 0
    } else {
      let q = exp_nonpositive(target_log_probs[v]);
      if (q > 0.0) { divergence = fma(-q, gap, divergence); }
    }
  }
  if (params.direction == 2u) { divergence = fma(params.beta, divergence, (1.0 - params.beta) * to_mixture); }
  if (undefined) { divergence = quiet_nan(); }
  for (var v = first; v < first + params.columns; v++) {
    let p = exp_nonpositive(log_probs[v]);
    if (undefined) {
      gradient[v] = divergence;
    } else if (params.direction == 2u) {
      let push = p * (1.0 - params.beta) * (log_own_share(log_probs[v], target_log_probs[v]) - to_mixture);
      gradient[v] = select(0.0, push, p > 0.0);
    } else if (params.direction == 1u) {
      gradient[v] = select(0.0, p * (log_probs[v] - target_log_probs[v] - divergence), p > 0.0);
    } else {
      gradient[v] = p - exp_nonpositive(target_log_probs[v]);
    }
  }
  divergences[row] = divergence;
}
