//#include shared/numerics

// A running log-sum-exp: sum_i exp(x_i) = exp(peak) (1 + rest). The largest term is kept out of `rest`, so that the log-prob of a
// token that holds nearly all mass, -log(1 + rest), keeps its relative accuracy.
struct RowStats {
  // largest logit so far; -Infinity before the first; NaN once a NaN or +Infinity was met
  peak: f32,
  // sum over the others of exp(x - peak)
  rest: f32,
}

fn row_stats_empty() -> RowStats {
  return RowStats(negative_infinity(), 0.0);
}

fn row_stats_add(running: RowStats, x: f32) -> RowStats {
  if (is_negative_infinity(x) || is_nan(running.peak)) { return running; } // -Infinity: a token that cannot occur
  if ((bitcast<u32>(x) & 0x7fffffffu) >= INFINITY_BITS) { return RowStats(quiet_nan(), 0.0); }
  let gap = x - running.peak;
  let e = exp_nonpositive(-abs(gap));
  if (gap > 0.0) { return RowStats(x, (1.0 + running.rest) * e); }
  return RowStats(running.peak, running.rest + e);
}

fn row_stats_merge(a: RowStats, b: RowStats) -> RowStats {
  if (is_nan(a.peak) || is_negative_infinity(b.peak)) { return a; }
  if (is_nan(b.peak) || is_negative_infinity(a.peak)) { return b; }
  let gap = b.peak - a.peak;
  let e = exp_nonpositive(-abs(gap));
  if (gap > 0.0) { return RowStats(b.peak, b.rest + (1.0 + a.rest) * e); }
  return RowStats(a.peak, a.rest + (1.0 + b.rest) * e);
}

// (peak, log(1 + rest)): their sum is the log-sum-exp. They stay apart because at a peak of 1e4 the sum would round at 5e-4.
// A row without a finite logit has no distribution: NaN.
fn row_stats_finish(running: RowStats) -> vec2f {
  if (is_nan(running.peak) || is_negative_infinity(running.peak)) { return vec2f(quiet_nan()); }
  return vec2f(running.peak, log1p_nonnegative(running.rest));
}

// log-softmax of one logit of a row with finished stats.
fn log_prob(logit: f32, finished: vec2f) -> f32 {
  if (is_nan(finished.x)) { return finished.x; }
  return (logit - finished.x) - finished.y;
}
