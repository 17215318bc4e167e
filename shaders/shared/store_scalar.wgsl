// Rows of any length: four stores, those beyond the row's end left out.

fn store_quad(base: u32, quad: u32, values: vec4f) {
  let column = 4u * quad;
  let at = base + column;
  result[at] = values.x;
  if (column + 1u < params.columns) { result[at + 1u] = values.y; }
  if (column + 2u < params.columns) { result[at + 2u] = values.z; }
  if (column + 3u < params.columns) { result[at + 3u] = values.w; }
}

// Four quads, `step` apart.
fn store_quads(base: u32, quad: u32, step: u32, values: mat4x4f) {
  store_quad(base, quad, values[0]);
  store_quad(base, quad + step, values[1]);
  store_quad(base, quad + 2u * step, values[2]);
  store_quad(base, quad + 3u * step, values[3]);
}
