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

// What one invocation has read of a row so far: four columns of logits, each with a peak of its own.
struct RunningStats {
  // largest logit so far, at least LOWEST
  peak: vec4f,
  // sum of exp(x - peak) over the logits below the peak
  below: vec4f,
  // number of logits equal to the peak
  ties: vec4u,
  // largest bits without the sign, which tell whether a NaN was met
  worst: vec4u,
}

fn running_empty() -> RunningStats {
  return RunningStats(vec4f(LOWEST), vec4f(), vec4u(), vec4u());
}

// 1 where there is a gap, 0 where there is none.
fn is_apart(gap: vec4f) -> vec4u {
  return min(bitcast<vec4u>(gap), vec4u(1u));
}

// What logits add that lie `gap` below the peak: 0 for the peak itself, which is counted in `ties`.
fn terms_below(gap: vec4f) -> vec4f {
  return bitcast<vec4f>(exp_bits4(bitcast<vec4u>(gap)) * is_apart(gap));
}

// The same logits seen from peaks at least as high.
fn running_raise(running: RunningStats, peak: vec4f) -> RunningStats {
  let gap = running.peak - peak;
  let apart = is_apart(gap);
  let moved = vec4f(running.ties * apart); // no longer the peak
  return RunningStats(peak, (running.below + moved) * exp_nonpositive4(gap), running.ties - running.ties * apart, running.worst);
}

// Four more logits. -Infinity, a token that cannot occur, changes nothing.
fn running_add4(running: RunningStats, a: vec4f) -> RunningStats {
  let raised = running_raise(running, larger4(running.peak, a));
  let gap = a - raised.peak;
  let apart = is_apart(gap);
  return RunningStats(
    raised.peak,
    raised.below + terms_below(gap),
    raised.ties + (1u - apart),
    max(raised.worst, magnitude4(a)),
  );
}

// Sixteen more logits: the peaks are raised once, so that an exponential a logit remains.
fn running_add16(running: RunningStats, block: mat4x4f) -> RunningStats {
  let tops = larger4(larger4(block[0], block[1]), larger4(block[2], block[3]));
  let raised = running_raise(running, larger4(running.peak, tops));
  let worst_of_block = max(max(magnitude4(block[0]), magnitude4(block[1])), max(magnitude4(block[2]), magnitude4(block[3])));
  var terms = vec4f();
  var apart = vec4u();
  let gap_0 = block[0] - raised.peak;
  terms += terms_below(gap_0);
  apart += is_apart(gap_0);
  let gap_1 = block[1] - raised.peak;
  terms += terms_below(gap_1);
  apart += is_apart(gap_1);
  let gap_2 = block[2] - raised.peak;
  terms += terms_below(gap_2);
  apart += is_apart(gap_2);
  let gap_3 = block[3] - raised.peak;
  terms += terms_below(gap_3);
  apart += is_apart(gap_3);
  return RunningStats(raised.peak, raised.below + terms, raised.ties + (4u - apart), max(raised.worst, worst_of_block));
}

// The four columns seen from the highest of their peaks.
fn running_total(running: RunningStats) -> RowStats {
  let peaks = running.peak;
  let peak = max(max(peaks.x, peaks.y), max(peaks.z, peaks.w));
  let raised = running_raise(running, vec4f(peak));
  let undefined = any(running.worst > vec4u(INFINITY_BITS)) || (bitcast<u32>(peak) & 0x7fffffffu) >= INFINITY_BITS;
  let below = (raised.below.x + raised.below.y) + (raised.below.z + raised.below.w);
  let ties = f32((raised.ties.x + raised.ties.y) + (raised.ties.z + raised.ties.w));
  return RowStats(select(peak, quiet_nan(), undefined), below + (ties - 1.0));
}
