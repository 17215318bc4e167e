// Rows whose length is a multiple of four: a quad of `result` is one store.

fn store_quad(base: u32, quad: u32, values: vec4f) {
  result[base + quad] = values;
}
