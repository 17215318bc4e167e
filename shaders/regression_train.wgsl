//#include shared/grid
//#include shared/row_stats
//#include shared/optimizer

// Trains many regressions at once, each on features and pairs of its own: log-probs are those of numbers around a mean that is linear in
// features. One workgroup a run, whose lanes share its responses, its pairs and its weights; many updates a dispatch, in the order of the
// kernels that train one policy. Minimum traffic: the features of a run twice an update, which fit a core's cache.
// Reference: src/backend/cpu/regression_train.ts

struct Params {
  // number of runs
  runs: u32,
  // updates done before this dispatch
  first_step: u32,
  // updates of this dispatch
  updates: u32,
}

struct ObjectiveValue {
  // loss of the pair
  loss: f32,
  // its derivative by logp_w
  by_chosen: f32,
  // its derivative by logp_l
  by_rejected: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// for each table the contexts and tokens of the responses (chosen ones first), and the responses of each context
@group(0) @binding(1) var<storage, read> plan: array<u32>;
// values [COLUMNS]; for each table features [CONTEXTS, DIMENSIONS], shifts of the values [CONTEXTS], weights [PAIRS] and what the objective reads of a pair [PAIRS, INPUTS]
@group(0) @binding(2) var<storage, read> numbers: array<f32>;
// [SETTING_... and the objective's parameters][runs]
@group(0) @binding(3) var<storage, read> settings: array<f32>;
// [runs][DIMENSIONS] where the runs begin; the reference policy
@group(0) @binding(4) var<storage, read> initial: array<f32>;
// [runs][STATE]
@group(0) @binding(5) var<storage, read_write> state: array<f32>;
// [runs] 1 for a run that has lost its numbers, else 0
@group(0) @binding(6) var<storage, read_write> outcomes: array<f32>;

// above 0 once a loss of the workgroup's run is no number, or a slope is not finite
var<workgroup> lost: atomic<u32>;

// The constants of a shape, and the arrays that the objective reads.
//#slot regression_shape

// Defines objective_of(pair, logp_w, logp_l) -> ObjectiveValue; all NaN where an input is.
//#slot objective

const LANES = 64u;
// the most negative finite number
const LOWEST_LOGIT = -0x1.fffffep+127f;

fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) < INFINITY_BITS;
}

// Where a run's parts begin in `plan`, `numbers` and `state`.
struct Run {
  plan: u32,
  numbers: u32,
  state: u32,
}

fn setting(index: u32, row: u32) -> f32 {
  return settings[row * params.runs + index];
}

fn open_run(index: u32) -> Run {
  for (var i = 0u; i < OBJECTIVE_PARAMETERS; i++) { objective_parameters[i] = setting(index, FIRST_OBJECTIVE_PARAMETER + i); }
  let pair_table = u32(setting(index, SETTING_TABLE));
  return Run(pair_table * PLAN_TABLE, NUMBER_TABLES + pair_table * NUMBER_TABLE, index * STATE);
}

// Logit of a column: of the number value + shift under the normal law of deviation 1 around shift + mean, but for what all columns share.
fn logit_of(v: u32, mean: f32, shift: f32) -> f32 {
  let value = numbers[v];
  let away = value + shift;
  return value * mean - 0.5 * away * away;
}

fn shift_of(run: Run, context: u32) -> f32 {
  return numbers[run.numbers + SHIFTS + context];
}

fn stats_of(run: Run, context: u32) -> vec2f {
  return vec2f(state[run.state + PEAKS + context], state[run.state + TOTALS + context]);
}

// The mean of a context, and (peak, log(1 + rest)) of its logits.
fn predict(run: Run, context: u32) {
  let features = run.numbers + FEATURES + context * DIMENSIONS;
  var mean = 0.0;
  for (var k = 0u; k < DIMENSIONS; k++) { mean = fma(state[run.state + THETA + k], numbers[features + k], mean); }
  let shift = shift_of(run, context);
  var peak = LOWEST_LOGIT;
  var peak_at = COLUMNS;
  var undefined = false;
  for (var v = 0u; v < COLUMNS; v++) {
    let x = logit_of(v, mean, shift);
    undefined = undefined || !is_finite(x);
    if (x > peak) {
      peak = x;
      peak_at = v;
    }
  }
  var rest = 0.0;
  for (var v = 0u; v < COLUMNS; v++) {
    let e = exp_nonpositive(logit_of(v, mean, shift) - peak);
    rest += select(e, 0.0, v == peak_at);
  }
  undefined = undefined || peak_at == COLUMNS;
  state[run.state + MEANS + context] = mean;
  state[run.state + PEAKS + context] = select(peak, quiet_nan(), undefined);
  state[run.state + TOTALS + context] = select(log1p_nonnegative(rest), quiet_nan(), undefined);
}

fn logp_of(run: Run, sequence: u32) -> f32 {
  let context = plan[run.plan + SEQUENCE_CONTEXTS + sequence];
  let mean = state[run.state + MEANS + context];
  return log_prob(logit_of(plan[run.plan + SEQUENCE_TOKENS + sequence], mean, shift_of(run, context)), stats_of(run, context));
}

// Log-probs and slopes of a pair; its loss, NaN where a slope is not finite.
fn settle(run: Run, pair: u32) -> f32 {
  let chosen = logp_of(run, pair);
  let rejected = logp_of(run, PAIRS + pair);
  for (var i = 0u; i < INPUTS; i++) {
    var value = numbers[run.numbers + PAIR_INPUTS + pair * INPUTS + i];
    if ((CHOSEN_REFERENCES & (1u << i)) != 0u) { value = state[run.state + REFERENCES + pair]; }
    if ((REJECTED_REFERENCES & (1u << i)) != 0u) { value = state[run.state + REFERENCES + PAIRS + pair]; }
    pair_inputs[i] = value;
  }
  let value = objective_of(0u, chosen, rejected);
  let share = numbers[run.numbers + WEIGHTS + pair] / f32(PAIRS);
  state[run.state + LOGPS + pair] = chosen;
  state[run.state + LOGPS + PAIRS + pair] = rejected;
  state[run.state + SLOPES + pair] = value.by_chosen * share;
  state[run.state + SLOPES + PAIRS + pair] = value.by_rejected * share;
  return select(quiet_nan(), value.loss, is_finite(value.by_chosen) && is_finite(value.by_rejected));
}

// The loss's derivative by the mean of a context: over the responses that read it, and over columns, of g_v value_v.
fn pull(run: Run, context: u32) {
  let mean = state[run.state + MEANS + context];
  let shift = shift_of(run, context);
  let finished = stats_of(run, context);
  var total = 0.0;
  for (var m = plan[run.plan + MEMBER_OFFSETS + context]; m < plan[run.plan + MEMBER_OFFSETS + context + 1u]; m++) {
    let sequence = plan[run.plan + MEMBERS + m];
    let token = plan[run.plan + SEQUENCE_TOKENS + sequence];
    let slope = state[run.state + SLOPES + sequence];
    // 1 - p of a token that holds nearly all mass, without cancellation
    let of_token = expm1_nonpositive(log_prob(logit_of(token, mean, shift), finished));
    for (var v = 0u; v < COLUMNS; v++) {
      let p = select(exp_nonpositive(log_prob(logit_of(v, mean, shift), finished)), of_token, v == token);
      total = fma(-slope * p, numbers[v], total);
    }
  }
  state[run.state + PULLS + context] = total;
}

fn step_weight(run: Run, k: u32, how: UpdateRule, correction1: f32, correction2: f32) {
  let features = run.numbers + FEATURES + k;
  var gradient = 0.0;
  for (var context = 0u; context < CONTEXTS; context++) {
    gradient = fma(state[run.state + PULLS + context], numbers[features + context * DIMENSIONS], gradient);
  }
  var before = Parameter(state[run.state + THETA + k], 0.0, 0.0);
  if (SLOTS > 0u) { before.first = state[run.state + FIRST + k]; }
  if (SLOTS > 1u) { before.second = state[run.state + SECOND + k]; }
  let moved = optimizer_update(before, gradient, how, correction1, correction2);
  state[run.state + THETA + k] = moved.value;
  if (SLOTS > 0u) { state[run.state + FIRST + k] = moved.first; }
  if (SLOTS > 1u) { state[run.state + SECOND + k] = moved.second; }
}

fn predict_all(run: Run, lane: u32) {
  for (var context = lane; context < CONTEXTS; context += LANES) { predict(run, context); }
}

// One workgroup a run. A run whose slopes are not finite stops there, and says so in its clock.
@compute @workgroup_size(64)
fn regression_train(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid);
  if (index >= params.runs) { return; }
  let run = open_run(index);
  let how = UpdateRule(
    RULE, setting(index, SETTING_LEARNING_RATE), setting(index, SETTING_SHRINK), setting(index, SETTING_MOMENTUM),
    setting(index, SETTING_COMPLEMENT1), setting(index, SETTING_COMPLEMENT2), setting(index, SETTING_EPSILON),
  );
  if (params.first_step == 0u) {
    for (var k = lane; k < DIMENSIONS; k += LANES) {
      state[run.state + THETA + k] = initial[index * DIMENSIONS + k];
      if (SLOTS > 0u) { state[run.state + FIRST + k] = 0.0; }
      if (SLOTS > 1u) { state[run.state + SECOND + k] = 0.0; }
    }
    if (lane < 3u) { state[run.state + CLOCK + lane] = 0.0; }
    storageBarrier();
    predict_all(run, lane);
    storageBarrier();
    for (var sequence = lane; sequence < 2u * PAIRS; sequence += LANES) { state[run.state + REFERENCES + sequence] = logp_of(run, sequence); }
    storageBarrier();
  }
  // 1 - beta^t by recurrence: its relative error does not grow where 1 - beta^t is small
  var correction1 = state[run.state + CLOCK];
  var correction2 = state[run.state + CLOCK + 1u];
  var stopped = state[run.state + CLOCK + 2u];
  let end = min(params.first_step + params.updates, u32(setting(index, SETTING_STEPS)));
  for (var step = params.first_step; step < end; step++) {
    predict_all(run, lane);
    storageBarrier();
    for (var pair = lane; pair < PAIRS; pair += LANES) {
      if (is_nan(settle(run, pair))) { atomicStore(&lost, 1u); }
    }
    storageBarrier();
    workgroupBarrier();
    if (stopped == 0.0 && atomicLoad(&lost) != 0u) { stopped = f32(step + 1u); }
    for (var context = lane; context < CONTEXTS; context += LANES) { pull(run, context); }
    storageBarrier();
    if (stopped == 0.0) {
      correction1 = fma(how.complement1, 1.0 - correction1, correction1);
      correction2 = fma(how.complement2, 1.0 - correction2, correction2);
      for (var k = lane; k < DIMENSIONS; k += LANES) { step_weight(run, k, how, correction1, correction2); }
    }
    storageBarrier();
  }
  storageBarrier();
  if (lane == 0u) {
    state[run.state + CLOCK] = correction1;
    state[run.state + CLOCK + 1u] = correction2;
    state[run.state + CLOCK + 2u] = stopped;
  }
}

// One workgroup a run: whether it has lost its numbers, by now or on its way.
@compute @workgroup_size(64)
fn regression_train_outcome(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid);
  if (index >= params.runs) { return; }
  let run = open_run(index);
  predict_all(run, lane);
  storageBarrier();
  for (var pair = lane; pair < PAIRS; pair += LANES) {
    let loss = settle(run, pair);
    let margin = state[run.state + LOGPS + pair] - state[run.state + LOGPS + PAIRS + pair];
    if (!is_finite(loss) || !is_finite(margin)) { atomicStore(&lost, 1u); }
  }
  workgroupBarrier();
  if (lane == 0u) { outcomes[index] = select(0.0, 1.0, atomicLoad(&lost) != 0u || state[run.state + CLOCK + 2u] != 0.0); }
}
