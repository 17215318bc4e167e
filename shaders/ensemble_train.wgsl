//#include shared/grid
//#include shared/row_stats
//#include shared/optimizer

// Trains many toy policies at once: each run does the whole of forward pass, losses, backward pass and update by itself, many updates a
// dispatch, in the order of the kernels that train one policy. Minimum traffic: a run's memory once in and once out.
// Arrays of all runs are [entry][run], so that neighbouring invocations read neighbouring numbers.
// Reference: src/backend/cpu/ensemble_train.ts

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
// contexts and offsets of the rows; for each pair table lengths, rows and tokens of the sequences (chosen ones first), members of each
// context, and the row and the two tokens where a pair's responses part
@group(0) @binding(1) var<storage, read> plan: array<u32>;
// offsets [offset rows, COLUMNS]; true rewards [ROWS, COLUMNS] where there are any; for each pair table weights [PAIRS] and what the objective reads of a pair [PAIRS, INPUTS]
@group(0) @binding(2) var<storage, read> numbers: array<f32>;
// [SETTING_... and the objective's parameters][runs]
@group(0) @binding(3) var<storage, read> settings: array<f32>;
// [PARAMETERS][runs] where the runs begin; the reference policy
@group(0) @binding(4) var<storage, read> initial: array<f32>;
// [PERSISTENT, or all of the memory][runs]
@group(0) @binding(5) var<storage, read_write> state: array<f32>;
// [METRIC_...][runs]
@group(0) @binding(6) var<storage, read_write> metrics: array<f32>;

// this invocation's run
var<private> run: u32;
// where its pair table begins in `plan` and in `numbers`
var<private> plan_table: u32;
var<private> number_table: u32;

// Constants, the run's memory with load(i) and store(i, x), and the arrays that the objective reads.
//#slot ensemble_shape

// Defines objective_of(pair, logp_w, logp_l) -> ObjectiveValue; all NaN where an input is.
//#slot objective

// the most negative finite number
const LOWEST_LOGIT = -0x1.fffffep+127f;

fn setting(row: u32) -> f32 {
  return settings[row * params.runs + run];
}

fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) < INFINITY_BITS;
}

fn select_run(index: u32) {
  run = index;
  let pair_table = u32(setting(SETTING_TABLE));
  plan_table = PLAN_TABLES + pair_table * PLAN_TABLE;
  number_table = NUMBER_TABLES + pair_table * NUMBER_TABLE;
  for (var i = 0u; i < OBJECTIVE_PARAMETERS; i++) { objective_parameters[i] = setting(FIRST_OBJECTIVE_PARAMETER + i); }
  if (HELD) { held_open(); }
}

// One parameter of the run's policy, or of its reference.
fn parameter(i: u32, of_reference: bool) -> f32 {
  if (of_reference) { return initial[i * params.runs + run]; }
  return load(THETA + i);
}

// A distribution of the policy: where its context's parameters begin, and its frozen offsets.
struct Row {
  first: u32,
  offset: u32,
}

fn row_at(index: u32) -> Row {
  let context = plan[ROW_CONTEXTS + index];
  let first = context * select(COLUMNS, DIMENSIONS, FEATURES);
  if (HAS_OFFSETS) { return Row(first, plan[ROW_OFFSETS + index] * COLUMNS); }
  return Row(first, 0u);
}

fn row_logit(row: Row, v: u32, of_reference: bool) -> f32 {
  let x = own_logit(row, v, of_reference);
  if (HAS_OFFSETS) { return x + numbers[row.offset + v]; }
  return x;
}

// without the frozen offset
fn own_logit(row: Row, v: u32, of_reference: bool) -> f32 {
  if (FEATURES) {
    var total = 0.0;
    for (var k = 0u; k < DIMENSIONS; k++) {
      let w = parameter(UNEMBEDDING + v * DIMENSIONS + k, of_reference);
      total = fma(w, parameter(row.first + k, of_reference), total);
    }
    return total;
  }
  return parameter(row.first + v, of_reference);
}

// (peak, log(1 + rest)) of a row, as row_stats_finish gives them; leaves the logits in PROBABILITIES.
fn finished_row(row: Row, of_reference: bool) -> vec2f {
  var peak = LOWEST_LOGIT;
  var peak_at = COLUMNS;
  var undefined = false;
  for (var v = 0u; v < COLUMNS; v++) {
    let x = row_logit(row, v, of_reference);
    store(PROBABILITIES + v, x);
    // a NaN or +Infinity; -Infinity is a token that cannot occur
    undefined = undefined || (!is_finite(x) && !is_negative_infinity(x));
    if (x > peak || (x == peak && peak_at == COLUMNS)) {
      peak = x;
      peak_at = v;
    }
  }
  if (undefined || peak_at == COLUMNS) { return vec2f(quiet_nan()); }
  var rest = 0.0;
  for (var v = 0u; v < COLUMNS; v++) {
    let e = exp_nonpositive(load(PROBABILITIES + v) - peak);
    rest += select(e, 0.0, v == peak_at);
  }
  return vec2f(peak, log1p_nonnegative(rest));
}

fn stats_of(row: u32) -> vec2f {
  return vec2f(load(STATS + 2u * row), load(STATS + 2u * row + 1u));
}

// Stats of every row, and the log-probs of all sequences.
fn forward() {
  if (HELD) {
    held_forward();
    return;
  }
  for (var row = 0u; row < ROWS; row++) {
    let finished = finished_row(row_at(row), false);
    store(STATS + 2u * row, finished.x);
    store(STATS + 2u * row + 1u, finished.y);
  }
  for (var sequence = 0u; sequence < 2u * PAIRS; sequence++) {
    var total = 0.0;
    var undefined = false;
    for (var t = 0u; t < plan[plan_table + LENGTHS + sequence]; t++) {
      let position = sequence * POSITIONS + t;
      let row = plan[plan_table + POSITION_ROWS + position];
      let logp = log_prob(row_logit(row_at(row), plan[plan_table + POSITION_TOKENS + position], false), stats_of(row));
      undefined = undefined || is_nan(logp);
      total += logp;
    }
    store(LOGPS + sequence, select(total, quiet_nan(), undefined));
  }
}

// Change of the chosen log-probs since the start, as a mean over pairs.
fn chosen_change() -> f32 {
  if (HELD) { return held_chosen_change(); }
  var total = 0.0;
  for (var pair = 0u; pair < PAIRS; pair++) { total += load(LOGPS + pair) - load(REFERENCES + pair); }
  return total / f32(PAIRS);
}

// Loss of each pair, and the slopes; returns the mean loss, NaN where a slope is not finite.
fn losses() -> f32 {
  if (HELD) { return held_losses(); }
  var total = 0.0;
  var defined = true;
  for (var pair = 0u; pair < PAIRS; pair++) {
    for (var i = 0u; i < INPUTS; i++) {
      var value = numbers[number_table + PAIR_INPUTS + pair * INPUTS + i];
      if ((CHOSEN_REFERENCES & (1u << i)) != 0u) { value = load(REFERENCES + pair); }
      if ((REJECTED_REFERENCES & (1u << i)) != 0u) { value = load(REFERENCES + PAIRS + pair); }
      pair_inputs[i] = value;
    }
    let value = objective_of(0u, load(LOGPS + pair), load(LOGPS + PAIRS + pair));
    let weight = numbers[number_table + WEIGHTS + pair];
    let share = weight / f32(PAIRS);
    defined = defined && is_finite(value.by_chosen) && is_finite(value.by_rejected);
    store(SLOPES + pair, value.by_chosen * share);
    store(SLOPES + PAIRS + pair, value.by_rejected * share);
    total = fma(value.loss, weight, total);
  }
  return select(quiet_nan(), total / f32(PAIRS), defined);
}

// Adds one logit gradient of a position to the gradients of the parameters that it reads.
fn accumulate(context: u32, v: u32, g: f32) {
  if (!FEATURES) {
    let i = GRADIENT + context * COLUMNS + v;
    store(i, load(i) + g);
    return;
  }
  for (var k = 0u; k < DIMENSIONS; k++) {
    let h = context * DIMENSIONS + k;
    let w = UNEMBEDDING + v * DIMENSIONS + k;
    if (FIRST_TRAINED) { store(GRADIENT + h, fma(g, load(THETA + w), load(GRADIENT + h))); }
    if (SECOND_TRAINED) { store(GRADIENT + w, fma(g, load(THETA + h), load(GRADIENT + w))); }
  }
}

fn backward() {
  if (HELD) {
    held_backward();
    return;
  }
  for (var i = 0u; i < PARAMETERS; i++) { store(GRADIENT + i, 0.0); }
  for (var context = 0u; context < CONTEXTS; context++) {
    let end = plan[plan_table + MEMBER_OFFSETS + context + 1u];
    var m = plan[plan_table + MEMBER_OFFSETS + context];
    while (m < end) {
      // all that follow each other and read the same row at once: their slopes are summed first
      let first = m;
      let row = plan[plan_table + POSITION_ROWS + plan[plan_table + MEMBERS + first]];
      var all = 0.0;
      for (; m < end; m++) {
        let position = plan[plan_table + MEMBERS + m];
        if (plan[plan_table + POSITION_ROWS + position] != row) { break; }
        all += load(SLOPES + position / POSITIONS);
      }
      accumulate_row(context, row, first, m, all);
    }
  }
}

// Adds the gradients of members that read the same row, whose slopes sum to `all`: exactly 0 for both answers of a pair and a loss of
// log-ratios, so that what is no token of theirs has no gradient. Rounding of products that should cancel would be a direction for Adam.
fn accumulate_row(context: u32, row: u32, first: u32, end: u32, all: f32) {
  let finished = stats_of(row);
  let read_row = row_at(row);
  for (var v = 0u; v < COLUMNS; v++) {
    var own = 0.0; // slopes of those whose token this is
    for (var m = first; m < end; m++) {
      let position = plan[plan_table + MEMBERS + m];
      let is_token = plan[plan_table + POSITION_TOKENS + position] == v;
      own += select(0.0, load(SLOPES + position / POSITIONS), is_token);
    }
    let logp = log_prob(row_logit(read_row, v, false), finished);
    var pull = (all - own) * exp_nonpositive(logp);
    // 1 - p of a token that holds nearly all mass, without cancellation
    if (own != 0.0) { pull = fma(own, expm1_nonpositive(logp), pull); }
    accumulate(context, v, -pull);
  }
}

fn update(how: UpdateRule) {
  // 1 - beta^t by recurrence: its relative error does not grow where 1 - beta^t is small
  let correction1 = fma(how.complement1, 1.0 - load(CLOCK), load(CLOCK));
  let correction2 = fma(how.complement2, 1.0 - load(CLOCK + 1u), load(CLOCK + 1u));
  store(CLOCK, correction1);
  store(CLOCK + 1u, correction2);
  if (HELD) {
    held_update(how, correction1, correction2);
    return;
  }
  for (var i = 0u; i < PARAMETERS; i++) {
    if (i < UNEMBEDDING && !FIRST_TRAINED) { continue; }
    if (i >= UNEMBEDDING && !SECOND_TRAINED) { continue; }
    var before = Parameter(load(THETA + i), 0.0, 0.0);
    if (SLOTS > 0u) { before.first = load(FIRST + i); }
    if (SLOTS > 1u) { before.second = load(SECOND + i); }
    let moved = optimizer_update(before, load(GRADIENT + i), how, correction1, correction2);
    store(THETA + i, moved.value);
    if (SLOTS > 0u) { store(FIRST + i, moved.first); }
    if (SLOTS > 1u) { store(SECOND + i, moved.second); }
  }
}

// One invocation a run. A run whose slopes are not finite stops there, and says so in its clock.
@compute @workgroup_size(64)
fn ensemble_train(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid) * 64u + lane;
  if (index >= params.runs) { return; }
  select_run(index);
  open_run();
  let how = UpdateRule(
    RULE, setting(SETTING_LEARNING_RATE), setting(SETTING_SHRINK), setting(SETTING_MOMENTUM),
    setting(SETTING_COMPLEMENT1), setting(SETTING_COMPLEMENT2), setting(SETTING_EPSILON),
  );
  if (params.first_step == 0u) {
    for (var i = 0u; i < PERSISTENT; i++) { store(i, 0.0); }
    for (var i = 0u; i < PARAMETERS; i++) { store(THETA + i, initial[i * params.runs + run]); }
    forward();
    for (var sequence = 0u; sequence < 2u * PAIRS; sequence++) { store(REFERENCES + sequence, load(LOGPS + sequence)); }
  }
  let end = min(params.first_step + params.updates, u32(setting(SETTING_STEPS)));
  for (var step = params.first_step; step < end; step++) {
    if (load(CLOCK + 2u) != 0.0) { break; }
    forward();
    store(LOWEST_CHANGE, min(load(LOWEST_CHANGE), chosen_change()));
    if (is_nan(losses())) {
      store(CLOCK + 2u, f32(step + 1u));
      break;
    }
    backward();
    update(how);
  }
  close_run();
}

// Entry k of the sum of the hidden vectors that a sequence's tokens are predicted from.
fn hidden_sum(sequence: u32, k: u32) -> f32 {
  var total = 0.0;
  for (var t = 0u; t < plan[plan_table + LENGTHS + sequence]; t++) {
    let row = plan[plan_table + POSITION_ROWS + sequence * POSITIONS + t];
    total += parameter(row_at(row).first + k, false);
  }
  return total;
}

// <s_w, s_l> - |s_w|^2 of a pair, as <s_w, s_l - s_w>
fn hidden_similarity(pair: u32) -> f32 {
  var total = 0.0;
  for (var k = 0u; k < DIMENSIONS; k++) {
    let chosen = hidden_sum(pair, k);
    total = fma(chosen, hidden_sum(PAIRS + pair, k) - chosen, total);
  }
  return total;
}

fn measure(row: u32, value: f32) {
  metrics[row * params.runs + run] = value;
}

// One invocation a run: what is known of it at its end, as means over its pairs.
@compute @workgroup_size(64)
fn ensemble_train_measure(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = linear_workgroup(group, grid) * 64u + lane;
  if (index >= params.runs) { return; }
  select_run(index);
  open_run();
  forward();
  let loss = losses();
  var rejected_change = 0.0;
  var margin = 0.0;
  var top_prob = 0.0;
  var entropy = 0.0;
  var divergence = 0.0;
  var reward = 0.0;
  var ches = 0.0;
  var first_gainer = COLUMNS;
  for (var pair = 0u; pair < PAIRS; pair++) {
    rejected_change += load(LOGPS + PAIRS + pair) - load(REFERENCES + PAIRS + pair);
    margin += load(LOGPS + pair) - load(LOGPS + PAIRS + pair);
    let focus = plan_table + FOCUS + 3u * pair;
    let row = row_at(plan[focus]);
    let finished = stats_of(plan[focus]);
    let reference = finished_row(row, true);
    var gainer = COLUMNS;
    var gain = 0.0;
    var gainer_prob = 0.0;
    for (var v = 0u; v < COLUMNS; v++) {
      let logp = log_prob(row_logit(row, v, false), finished);
      let before = log_prob(row_logit(row, v, true), reference);
      let p = exp_nonpositive(logp);
      if (p > 0.0) {
        entropy = fma(-p, logp, entropy);
        divergence = fma(p, logp - before, divergence);
      }
      if (HAS_REWARDS) { reward = fma(p, numbers[REWARDS + plan[focus] * COLUMNS + v], reward); }
      if (v == plan[focus + 1u] || v == plan[focus + 2u]) { continue; }
      let gained = p - exp_nonpositive(before);
      if (gainer == COLUMNS || gained > gain) {
        gainer = v;
        gain = gained;
        gainer_prob = p;
      }
    }
    top_prob += gainer_prob;
    if (HAS_HIDDEN) { ches += hidden_similarity(pair); }
    if (pair == 0u) { first_gainer = gainer; }
  }
  let ended = is_finite(loss) && load(CLOCK + 2u) == 0.0 && is_finite(margin);
  let pairs = f32(PAIRS);
  let chosen = chosen_change();
  measure(METRIC_CHOSEN_LOGP_CHANGE, select(quiet_nan(), chosen, ended));
  measure(METRIC_LOWEST_CHOSEN_LOGP_CHANGE, select(quiet_nan(), min(load(LOWEST_CHANGE), chosen), ended));
  measure(METRIC_REJECTED_LOGP_CHANGE, select(quiet_nan(), rejected_change / pairs, ended));
  measure(METRIC_MARGIN, select(quiet_nan(), margin / pairs, ended));
  measure(METRIC_LOSS, select(quiet_nan(), loss, ended));
  measure(METRIC_TOP_GAINER_PROB, select(quiet_nan(), top_prob / pairs, ended));
  measure(METRIC_ENTROPY, select(quiet_nan(), entropy / pairs, ended));
  measure(METRIC_KL_TO_REFERENCE, select(quiet_nan(), divergence / pairs, ended));
  measure(METRIC_EXPECTED_REWARD, select(quiet_nan(), reward / pairs, ended && HAS_REWARDS));
  measure(METRIC_CHES, select(quiet_nan(), ches / pairs, ended && HAS_HIDDEN));
  measure(METRIC_TOP_GAINER, f32(first_gainer));
  measure(METRIC_DIVERGED, select(1.0, 0.0, ended));
}
