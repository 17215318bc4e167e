// Rows whose length is a multiple of sixteen, read front to back: four quads are one load, whose bounds are checked once.

alias Cell = mat4x4f;

// Where a row begins in `logits`.
fn row_base(row: u32) -> u32 {
  return row * (params.columns / 16u);
}

fn load_quad(base: u32, quad: u32) -> vec4f {
  return logits[base + quad / 4u][quad % 4u];
}

// Four quads from one whose number is a multiple of four; `step` is 1.
fn load_quads(base: u32, quad: u32, step: u32) -> mat4x4f {
  return logits[base + quad / 4u];
}
