// Rows whose length is a multiple of four: a quad, four neighbouring logits, is one load.

alias Cell = vec4f;

// Where a row begins in `logits`.
fn row_base(row: u32) -> u32 {
  return row * (params.columns / 4u);
}

fn load_quad(base: u32, quad: u32) -> vec4f {
  return logits[base + quad];
}

// Four quads, `step` apart.
fn load_quads(base: u32, quad: u32, step: u32) -> mat4x4f {
  let at = base + quad;
  return mat4x4f(logits[at], logits[at + step], logits[at + 2u * step], logits[at + 3u * step]);
}
