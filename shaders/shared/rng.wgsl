// Counter-based random numbers, Philox4x32-10 (doi:10.1145/2063384.2063405): the same bits as src/core/rng.ts.

// 64-bit product of two words: (upper, lower).
fn multiply_wide(a: u32, b: u32) -> vec2u {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carried = a_low * b_high + (middle & 0xffffu);
  return vec2u(a_high * b_high + (middle >> 16u) + (carried >> 16u), a * b);
}

fn philox4x32(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let product0 = multiply_wide(0xd2511f53u, c.x);
    let product1 = multiply_wide(0xcd9e8d57u, c.z);
    c = vec4u(product1.x ^ c.y ^ k.x, product1.y, product0.x ^ c.w ^ k.y, product0.y);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// Uniform on [0, 1) with 24 bits: exact in float32.
fn to_uniform(word: u32) -> f32 {
  return f32(word >> 8u) * 5.9604644775390625e-8;
}
