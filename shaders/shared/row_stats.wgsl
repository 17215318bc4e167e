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

// Before the first logit, seen from peaks of at least LOWEST.
fn running_from(peak: vec4f) -> RunningStats {
  return RunningStats(peak, vec4f(), vec4u(), vec4u());
}

fn running_empty() -> RunningStats {
  return running_from(vec4f(LOWEST));
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

// Four more logits, none above the peaks. -Infinity, a token that cannot occur, changes nothing.
fn running_add_level(running: RunningStats, x: vec4f) -> RunningStats {
  let gap = x - running.peak;
  let ties = running.ties + (1u - is_apart(gap));
  return RunningStats(running.peak, running.below + terms_below(gap), ties, max(running.worst, magnitude4(x)));
}

fn running_add4(running: RunningStats, x: vec4f) -> RunningStats {
  return running_add_level(running_raise(running, larger4(running.peak, x)), x);
}

// Sixteen more logits: the peaks are raised once, so that an exponential a logit remains.
fn running_add16(running: RunningStats, four: mat4x4f) -> RunningStats {
  let tops = larger4(larger4(four[0], four[1]), larger4(four[2], four[3]));
  var grown = running_raise(running, larger4(running.peak, tops));
  grown = running_add_level(grown, four[0]);
  grown = running_add_level(grown, four[1]);
  grown = running_add_level(grown, four[2]);
  return running_add_level(grown, four[3]);
}

// The four columns together, whose peaks are all equal.
fn level_total(level: RunningStats) -> RowStats {
  let peak = level.peak.x;
  let undefined = any(level.worst > vec4u(INFINITY_BITS)) || (bitcast<u32>(peak) & 0x7fffffffu) >= INFINITY_BITS;
  let below = (level.below.x + level.below.y) + (level.below.z + level.below.w);
  let ties = f32((level.ties.x + level.ties.y) + (level.ties.z + level.ties.w));
  return RowStats(select(peak, quiet_nan(), undefined), below + (ties - 1.0));
}

// The four columns seen from the highest of their peaks.
fn running_total(running: RunningStats) -> RowStats {
  let peaks = running.peak;
  return level_total(running_raise(running, vec4f(max(max(peaks.x, peaks.y), max(peaks.z, peaks.w)))));
}
