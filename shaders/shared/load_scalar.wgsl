// Rows of any length: a quad, four neighbouring logits, is gathered; what lies beyond the row's end counts as -Infinity.

alias Cell = f32;

// Where a row begins in `logits`.
fn row_base(row: u32) -> u32 {
  return row * params.columns;
}

fn load_logit(base: u32, column: u32) -> f32 {
  return select(negative_infinity(), logits[base + min(column, params.columns - 1u)], column < params.columns);
}

fn load_quad(base: u32, quad: u32) -> vec4f {
  let column = 4u * quad;
  return vec4f(load_logit(base, column), load_logit(base, column + 1u), load_logit(base, column + 2u), load_logit(base, column + 3u));
}

// Four quads, `step` apart, none of them the row's last.
fn load_quads(base: u32, quad: u32, step: u32) -> mat4x4f {
  return mat4x4f(load_quad(base, quad), load_quad(base, quad + step), load_quad(base, quad + 2u * step), load_quad(base, quad + 3u * step));
}
