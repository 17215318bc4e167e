// Rows whose length is a multiple of four: a quad, four neighbouring logits, is one load.

alias Cell = vec4f;

// Where a row begins in `logits`.
fn row_base(row: u32) -> u32 {
  return row * (params.columns / 4u);
}

fn load_quad(base: u32, quad: u32) -> vec4f {
  return logits[base + quad];
}
