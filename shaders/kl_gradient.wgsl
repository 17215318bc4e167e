//#include shared/grid
//#include shared/numerics

// Gradient by the logits of KL(q || p) (forward: p - q) or KL(p || q) (reverse: p (log p/q - KL)), p = softmax(logits), row by row.
// A row with an undefined log-prob is NaN throughout.
// Reference: src/backend/cpu/kl_gradient.ts

struct Params {
  // number of rows
  rows: u32,
  // entries in a row
  columns: u32,
  // 0: forward, KL(q || p); 1: reverse, KL(p || q)
  reverse: u32,
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

// One invocation a row.
@compute @workgroup_size(64)
fn kl_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear_workgroup(group, grid) * 64u + lane;
  if (row >= params.rows) { return; }
  let first = row * params.columns;
  var divergence = 0.0;
  var undefined = false;
  for (var v = first; v < first + params.columns; v++) {
    undefined = undefined || is_nan(log_probs[v]) || is_nan(target_log_probs[v]);
    let gap = log_probs[v] - target_log_probs[v];
    if (params.reverse == 1u) {
      let p = exp_nonpositive(log_probs[v]);
      if (p > 0.0) { divergence = fma(p, gap, divergence); } // 0 log 0 = 0
    } else {
      let q = exp_nonpositive(target_log_probs[v]);
      if (q > 0.0) { divergence = fma(-q, gap, divergence); }
    }
  }
  if (undefined) { divergence = quiet_nan(); }
  for (var v = first; v < first + params.columns; v++) {
    let p = exp_nonpositive(log_probs[v]);
    if (undefined) {
      gradient[v] = divergence;
    } else if (params.reverse == 1u) {
      gradient[v] = select(0.0, p * (log_probs[v] - target_log_probs[v] - divergence), p > 0.0);
    } else {
      gradient[v] = p - exp_nonpositive(target_log_probs[v]);
    }
  }
  divergences[row] = divergence;
}
