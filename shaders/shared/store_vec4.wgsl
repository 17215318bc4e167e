// Rows whose length is a multiple of four: a quad of `result` is one store.

fn store_quad(base: u32, quad: u32, values: vec4f) {
  result[base + quad] = values;
}

// Four quads, `step` apart.
fn store_quads(base: u32, quad: u32, step: u32, values: mat4x4f) {
  let at = base + quad;
  result[at] = values[0];
  result[at + step] = values[1];
  result[at + 2u * step] = values[2];
  result[at + 3u * step] = values[3];
}
