// Rows whose length is a multiple of sixteen, written front to back: four quads of `result` are one store.

fn store_quad(base: u32, quad: u32, values: vec4f) {
  result[base + quad / 4u][quad % 4u] = values;
}

// Four quads from one whose number is a multiple of four; `step` is 1.
fn store_quads(base: u32, quad: u32, step: u32, values: mat4x4f) {
  result[base + quad / 4u] = values;
}
