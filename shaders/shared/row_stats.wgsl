//#include shared/numerics
//#include shared/numerics4

// A log-sum-exp: sum_i exp(x_i) = exp(peak) (1 + rest). The largest term is kept out of `rest`, so that the log-prob of a
// token that holds nearly all mass, -log(1 + rest), keeps its relative accuracy.
struct RowStats {
  // largest finite logit; NaN once a NaN or +Infinity was met
  peak: f32,
  // sum over the others of exp(x - peak); -1 before the first finite logit
  rest: f32,
}

// The most negative finite number: a peak that every logit but -Infinity reaches, and that can be subtracted.
const LOWEST = -0x1.fffffep+127f;

fn row_stats_empty() -> RowStats {
  return RowStats(LOWEST, -1.0);
}

// Without branches; the order of a and b matters to rounding only.
fn row_stats_merge(a: RowStats, b: RowStats) -> RowStats {
  let a_leads = a.peak >= b.peak;
  let high = select(b.peak, a.peak, a_leads);
  let low = select(a.peak, b.peak, a_leads);
  let high_rest = select(b.rest, a.rest, a_leads);
  let low_rest = select(a.rest, b.rest, a_leads);
  let rest = high_rest + (1.0 + low_rest) * exp_nonpositive(low - high);
  return RowStats(select(high, quiet_nan(), is_nan(a.peak) || is_nan(b.peak)), rest);
}

// (peak, log(1 + rest)): their sum is the log-sum-exp. They stay apart because at a peak of 1e4 the sum would round at 5e-4.
// A row without a finite logit has no distribution: NaN.
fn row_stats_finish(whole: RowStats) -> vec2f {
  if (is_nan(whole.peak) || whole.rest < -0.5) { return vec2f(quiet_nan()); }
  return vec2f(whole.peak, log1p_nonnegative(whole.rest));
}

// log-softmax of one logit of a row with finished stats.
fn log_prob(logit: f32, finished: vec2f) -> f32 {
  if (is_nan(finished.x)) { return finished.x; }
  return (logit - finished.x) - finished.y;
}

fn log_prob4(logits_of_row: vec4f, finished: vec2f) -> vec4f {
  return select((logits_of_row - finished.x) - finished.y, vec4f(quiet_nan()), vec4<bool>(is_nan(finished.x)));
}

// What one invocation has read of a row so far, in four lanes.
struct RunningStats {
  // largest logit so far, at least LOWEST
  peak: f32,
  // sum of exp(x - peak) over the logits below the peak
  below: vec4f,
  // number of logits equal to the peak
  ties: vec4f,
  // largest bits without the sign, which tell whether a NaN was met
  worst: vec4u,
}

fn running_empty() -> RunningStats {
  return RunningStats(LOWEST, vec4f(), vec4f(), vec4u());
}

// The same logits seen from a peak at least as high.
fn running_raise(running: RunningStats, peak: f32) -> RunningStats {
  let raised = vec4<bool>(peak > running.peak);
  let scale = exp_nonpositive4(vec4f(running.peak - peak));
  return RunningStats(
    peak,
    select(running.below, (running.below + running.ties) * scale, raised),
    select(running.ties, vec4f(), raised),
    running.worst,
  );
}

fn ties_with(peak: f32, x: vec4f) -> vec4f {
  return select(vec4f(), vec4f(1.0), x == vec4f(peak));
}

// Four more logits. -Infinity, a token that cannot occur, changes nothing.
fn running_add4(running: RunningStats, a: vec4f) -> RunningStats {
  let peak = max(running.peak, max(max(a.x, a.y), max(a.z, a.w)));
  let raised = running_raise(running, peak);
  let ties = ties_with(peak, a);
  let terms = exp_nonpositive4(a - peak) - ties; // e^0 is exactly 1
  return RunningStats(peak, raised.below + terms, raised.ties + ties, max(raised.worst, magnitude4(a)));
}

// Sixteen more logits: the peak is raised once, so that an exponential a logit remains.
fn running_add16(running: RunningStats, a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> RunningStats {
  let tops = max(max(a, b), max(c, d));
  let peak = max(running.peak, max(max(tops.x, tops.y), max(tops.z, tops.w)));
  let raised = running_raise(running, peak);
  let ties_a = ties_with(peak, a);
  let ties_b = ties_with(peak, b);
  let ties_c = ties_with(peak, c);
  let ties_d = ties_with(peak, d);
  let terms_ab = (exp_nonpositive4(a - peak) - ties_a) + (exp_nonpositive4(b - peak) - ties_b);
  let terms_cd = (exp_nonpositive4(c - peak) - ties_c) + (exp_nonpositive4(d - peak) - ties_d);
  return RunningStats(
    peak,
    raised.below + (terms_ab + terms_cd),
    raised.ties + ((ties_a + ties_b) + (ties_c + ties_d)),
    max(raised.worst, max(max(magnitude4(a), magnitude4(b)), max(magnitude4(c), magnitude4(d)))),
  );
}

fn running_total(running: RunningStats) -> RowStats {
  let undefined = any(running.worst > vec4u(INFINITY_BITS)) || (bitcast<u32>(running.peak) & 0x7fffffffu) >= INFINITY_BITS;
  let below = (running.below.x + running.below.y) + (running.below.z + running.below.w);
  let ties = (running.ties.x + running.ties.y) + (running.ties.z + running.ties.w);
  return RowStats(select(running.peak, quiet_nan(), undefined), below + (ties - 1.0));
}
