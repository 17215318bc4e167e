//#include shared/grid
//#include shared/row_stats

// Streamlines of the gradient flow of an objective on the distributions over a few tokens. With logits z = b + W h and h alone trained, or
// with free logits,
//   dz/dt = G r,  r = sum_v f_v (e_v - pi),  f_v = -dloss/dlog pi(v),
// of the loss of one pair, or of the mean of that of all pairs that can be drawn, each with its probability,
// where G = W W^T, or the identity: the flow depends on pi alone. Classic Runge-Kutta steps of fourth order. Reads a start once, writes
// its line once.
// Reference: src/backend/cpu/simplex_flow.ts

struct Params {
  // number of starts
  starts: u32,
  // steps of each line; one more point is written
  steps: u32,
  // tokens of the distribution, at most 8
  tokens: u32,
  // columns that the objective reads of the pair, at most 32
  inputs: u32,
  // the pair's tokens
  chosen: u32,
  rejected: u32,
  // size of a step: of time, or of length in a triangle of side 1
  size: f32,
  // 1: steps of length
  by_length: u32,
  // 1: the mean over all pairs that can be drawn
  drawn: u32,
  // exponent c of the reference in the law of the second one that is drawn, pi^(1 - c) pi_ref^c
  mixture: f32,
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
// G [tokens, tokens]
@group(0) @binding(1) var<storage, read> gram: array<f32>;
// the corner of the triangle that each token is counted in [tokens], then how each of the objective's columns is found [inputs]
@group(0) @binding(2) var<storage, read> plan: array<u32>;
// what the columns hold where they do not depend on the policy [inputs], then the pair's reference log-probs; where pairs are drawn, then
// the reference log-probs of all tokens [tokens] and their rewards [tokens]
@group(0) @binding(3) var<storage, read> known: array<f32>;
// values of the objective's parameters
@group(0) @binding(4) var<storage, read> objective_parameters: array<f32>;
// logits [tokens][starts]
@group(0) @binding(5) var<storage, read> logits: array<f32>;
// [steps + 1][ROWS][starts]
@group(0) @binding(6) var<storage, read_write> lines: array<f32>;

const MOST_TOKENS = 8;
// of a point of a line: three corners, time, speed in the triangle, d log pi(y_w)/dt, d_w, d_l
const ROWS = 8u;
// most that a log-prob moves in one step of length, in nats
const MOST_MOVE = 0.5;
// a step that would end against the flow is tried again at a quarter, so many times
const RETRIES = 3u;

const COLUMN_KL_BASELINE = 1u;
const COLUMN_MEAN_LOGRATIO = 2u;
const COLUMN_CHOSEN_LOGRATIO = 3u;
const COLUMN_REJECTED_LOGRATIO = 4u;
const COLUMN_WPO_WEIGHT = 5u;
const COLUMN_CHOSEN_REFERENCE = 6u;
const COLUMN_REJECTED_REFERENCE = 7u;
const COLUMN_CHOSEN_PREVIOUS = 8u;
const COLUMN_REJECTED_PREVIOUS = 9u;
const COLUMN_CHOSEN_REWARD = 10u;
const COLUMN_REJECTED_REWARD = 11u;

alias Tokens = array<f32, MOST_TOKENS>;

var<private> pair_inputs: array<f32, 32>;

// Defines objective_of(pair, logp_w, logp_l) -> ObjectiveValue; all NaN where an input is.
//#slot objective

// The flow at the last distribution that it was asked for.
var<private> logps: Tokens;
// d log pi / dt
var<private> rates: Tokens;
// probabilities of the three corners, and their velocities
var<private> corners: vec3f;
var<private> velocity: vec3f;
// d_w and d_l; of the mean over draws the pull on the logits of chosen and, with its sign turned, of rejected
var<private> forces: vec2f;

// What the objective reads of a pair of tokens besides their two log-probs, for a batch that holds this pair alone.
fn read_columns(first: u32, second: u32, log_collision: f32) {
  let logp_w = logps[first];
  let logp_l = logps[second];
  let references = params.inputs + 2u;
  let rewards = references + params.tokens;
  let ratio_w = logp_w - known[params.inputs];
  let ratio_l = logp_l - known[params.inputs + 1u];
  for (var i = 0u; i < params.inputs; i++) {
    let kind = plan[params.tokens + i];
    var value = known[i];
    if (kind == COLUMN_KL_BASELINE) { value = relu(0.5 * (ratio_w + ratio_l)); }
    if (kind == COLUMN_MEAN_LOGRATIO) { value = 0.5 * (ratio_w + ratio_l); }
    if (kind == COLUMN_CHOSEN_LOGRATIO) { value = ratio_w; }
    if (kind == COLUMN_REJECTED_LOGRATIO) { value = ratio_l; }
    if (kind == COLUMN_WPO_WEIGHT) { value = exp_safe(logp_w + logp_l - 2.0 * log_collision); }
    if (kind == COLUMN_CHOSEN_REFERENCE) { value = known[references + first]; }
    if (kind == COLUMN_REJECTED_REFERENCE) { value = known[references + second]; }
    if (kind == COLUMN_CHOSEN_PREVIOUS) { value = logp_w; }
    if (kind == COLUMN_REJECTED_PREVIOUS) { value = logp_l; }
    if (kind == COLUMN_CHOSEN_REWARD) { value = known[rewards + first]; }
    if (kind == COLUMN_REJECTED_REWARD) { value = known[rewards + second]; }
    pair_inputs[i] = value;
  }
}

// Probabilities of who draws the second answer of a group.
fn opponents_of(probs: Tokens) -> Tokens {
  if (params.drawn == 0u || params.mixture == 0.0) { return probs; }
  var logits: Tokens;
  var whole = row_stats_empty();
  for (var v = 0u; v < params.tokens; v++) {
    logits[v] = fma(params.mixture, known[params.inputs + 2u + v] - logps[v], logps[v]);
    whole = row_stats_merge(whole, RowStats(logits[v], 0.0));
  }
  let finished = row_stats_finish(whole);
  var law: Tokens;
  for (var v = 0u; v < params.tokens; v++) { law[v] = exp_nonpositive(log_prob(logits[v], finished)); }
  return law;
}

fn flow_at(z: Tokens) {
  var whole = row_stats_empty();
  for (var v = 0u; v < params.tokens; v++) { whole = row_stats_merge(whole, RowStats(z[v], 0.0)); }
  let finished = row_stats_finish(whole);
  var probs: Tokens;
  var collision = 0.0;
  corners = vec3f();
  for (var v = 0u; v < params.tokens; v++) {
    logps[v] = log_prob(z[v], finished);
    probs[v] = exp_nonpositive(logps[v]);
    collision = fma(probs[v], probs[v], collision);
    let corner = plan[v];
    corners[corner] += probs[v];
  }
  let log_collision = log_safe(collision);
  let opponents = opponents_of(probs);
  let is_drawn = params.drawn != 0u;
  // on each token's log-prob: minus the slope of the loss
  var pushes: Tokens;
  let draws = select(1u, params.tokens * params.tokens, is_drawn);
  for (var draw = 0u; draw < draws; draw++) {
    let first = select(params.chosen, draw / params.tokens, is_drawn);
    let second = select(params.rejected, draw % params.tokens, is_drawn);
    let weight = select(1.0, probs[first] * opponents[second], is_drawn);
    read_columns(first, second, log_collision);
    let value = objective_of(0u, logps[first], logps[second]);
    pushes[first] = fma(-weight, value.by_chosen, pushes[first]);
    pushes[second] = fma(-weight, value.by_rejected, pushes[second]);
  }
  var pull: Tokens;
  for (var v = 0u; v < params.tokens; v++) {
    var others = 0.0;
    for (var u = 0u; u < params.tokens; u++) { others += select(pushes[u], 0.0, u == v); }
    // 1 - p of a token that holds nearly all mass, without cancellation
    pull[v] = fma(-pushes[v], expm1_nonpositive(logps[v]), -probs[v] * others);
  }
  forces = vec2f(pushes[params.chosen], -pushes[params.rejected]);
  if (is_drawn) { forces = vec2f(pull[params.chosen], -pull[params.rejected]); }
  var turned: Tokens;
  for (var v = 0u; v < params.tokens; v++) {
    for (var u = 0u; u < params.tokens; u++) { turned[v] = fma(gram[v * params.tokens + u], pull[u], turned[v]); }
  }
  velocity = vec3f();
  for (var v = 0u; v < params.tokens; v++) {
    // a mean of differences: near a corner, the difference from the mean would be all rounding
    var total = 0.0;
    for (var u = 0u; u < params.tokens; u++) { total = fma(probs[u], turned[v] - turned[u], total); }
    rates[v] = total;
    let corner = plan[v];
    velocity[corner] = fma(probs[v], total, velocity[corner]);
  }
}

// In a triangle of side 1.
fn speed() -> f32 {
  return sqrt(0.5 * dot(velocity, velocity));
}

fn is_finite_flow() -> bool {
  let sum = velocity.x + velocity.y + velocity.z + forces.x + forces.y;
  return (bitcast<u32>(sum) & 0x7fffffffu) < INFINITY_BITS;
}

// The step from the present point: of the given length where there is one, unless a log-prob would move too far.
fn step_of_time() -> f32 {
  if (params.by_length == 0u) { return params.size; }
  var fastest = 0.0;
  for (var v = 0u; v < params.tokens; v++) { fastest = max(fastest, abs(rates[v])); }
  if (!(speed() > 0.0 && fastest > 0.0)) { return 0.0; }
  return min(params.size / speed(), MOST_MOVE / fastest);
}

// One invocation a line. It stays where it is once the flow vanishes, turns about within its smallest step, or is not finite.
@compute @workgroup_size(64)
fn simplex_flow(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let line = linear_workgroup(group, grid) * 64u + lane;
  if (line >= params.starts) { return; }
  // the point reached, and the flow there
  var here: Tokens;
  var here_rates: Tokens;
  var here_velocity = vec3f();
  var values = array<f32, ROWS>();
  // where the flow is asked for next, and the weighted sum of what it was in this step
  var probe: Tokens;
  var mixed: Tokens;
  for (var v = 0u; v < params.tokens; v++) { probe[v] = logits[v * params.starts + line]; }
  var time = 0.0;
  var h = 0.0;
  var resting = false;
  for (var point = 0u; point <= params.steps; point++) {
    // stages 1 to 3 of a step ask for the flow on the way, stage 4 at its end; the first point is an end without a way
    var stage = select(1u, 4u, point == 0u);
    var attempt = 0u;
    if (stage == 1u) {
      mixed = here_rates;
      for (var v = 0u; v < params.tokens; v++) { probe[v] = fma(0.5 * h, here_rates[v], here[v]); }
    }
    while (!resting && stage <= 4u) {
      flow_at(probe);
      if (stage == 4u) {
        if (is_finite_flow()) {
          here = logps;
          here_rates = rates;
          here_velocity = velocity;
          time += h;
          values = array<f32, ROWS>(corners.x, corners.y, corners.z, time, speed(), rates[params.chosen], forces.x, forces.y);
          h = step_of_time();
          resting = h == 0.0;
        } else {
          resting = true;
          if (point == 0u) { values = array<f32, ROWS>(corners.x, corners.y, corners.z, 0.0, quiet_nan(), quiet_nan(), quiet_nan(), quiet_nan()); }
        }
      } else if (params.by_length != 0u && dot(here_velocity, velocity) < 0.0) {
        resting = attempt == RETRIES;
        attempt++;
        h *= 0.25;
        mixed = here_rates;
        for (var v = 0u; v < params.tokens; v++) { probe[v] = fma(0.5 * h, here_rates[v], here[v]); }
        stage = 0u;
      } else {
        let weight = select(2.0, 1.0, stage == 3u);
        for (var v = 0u; v < params.tokens; v++) {
          mixed[v] = fma(weight, rates[v], mixed[v]);
          let along = select(rates[v], mixed[v], stage == 3u);
          let share = select(select(0.5, 1.0, stage == 2u), 1.0 / 6.0, stage == 3u);
          probe[v] = fma(share * h, along, here[v]);
        }
      }
      stage++;
    }
    for (var row = 0u; row < ROWS; row++) { lines[(point * ROWS + row) * params.starts + line] = values[row]; }
  }
}
