//#include shared/row_stats
//#include shared/quads

// d(log-prob of a row's token)/d(logits) times a slope: slope (1[v = token] - softmax(x)_v).

// What the gradient of a row needs, the token's own term left out.
struct Slope {
  // d(mean loss)/d(log-prob); NaN where the row is undefined
  slope: f32,
  // finished stats of the row
  finished: vec2f,
}

fn slope_of_row(slope: f32, finished: vec2f) -> Slope {
  return Slope(select(slope, finished.x, is_nan(finished.x)), finished);
}

fn away_from_token(x: vec4f, at: Slope) -> vec4f {
  let probs = exp_nonpositive4((x - at.finished.x) - at.finished.y);
  return select(-at.slope * probs, vec4f(at.slope), vec4<bool>(is_nan(at.slope)));
}

// A masked row's: whatever stands there, NaN included, changes nothing.
fn write_zeros(base: u32, quads: Quads) {
  var quad = quads.first;
  let zeros = mat4x4f(vec4f(), vec4f(), vec4f(), vec4f());
  for (; quad + 3u * quads.step < quads.end; quad += 4u * quads.step) { store_quads(base, quad, quads.step, zeros); }
  for (; quad < quads.end; quad += quads.step) { store_quad(base, quad, vec4f()); }
}

fn write_away_from_token(base: u32, quads: Quads, at: Slope) {
  var quad = quads.first;
  for (; quad + 3u * quads.step < quads.end; quad += 4u * quads.step) {
    let x = load_quads(base, quad, quads.step);
    let y = mat4x4f(away_from_token(x[0], at), away_from_token(x[1], at), away_from_token(x[2], at), away_from_token(x[3], at));
    store_quads(base, quad, quads.step, y);
  }
  for (; quad < quads.end; quad += quads.step) { store_quad(base, quad, away_from_token(load_quad(base, quad), at)); }
}

// The token's quad once more, if it is among these: 1 - p of one that holds nearly all mass, without cancellation.
fn write_token(base: u32, quads: Quads, token: u32, at: Slope) {
  let own = token / 4u;
  let is_here = own >= quads.first && own < quads.end && (own - quads.first) % quads.step == 0u;
  if (!is_here || is_nan(at.slope)) { return; }
  let x = load_quad(base, own);
  let is_token = vec4u(0u, 1u, 2u, 3u) == vec4u(token % 4u);
  let logps = (x - at.finished.x) - at.finished.y;
  let expm1 = vec4f(expm1_nonpositive(logps.x), expm1_nonpositive(logps.y), expm1_nonpositive(logps.z), expm1_nonpositive(logps.w));
  store_quad(base, own, select(away_from_token(x, at), -at.slope * expm1, is_token));
}
