//#include shared/numerics

// numerics.wgsl for four values at once, in operations that are cheap everywhere: software adapters run both sides of a branch, and
// pay five times as much for max, round, clamp or a shift as for a multiplication.

// The bits without the sign: above INFINITY_BITS for every NaN.
fn magnitude4(x: vec4f) -> vec4u {
  return bitcast<vec4u>(x) & vec4u(0x7fffffffu);
}

// The larger of each pair; b where a is NaN is not promised, nor a where b is.
fn larger4(a: vec4f, b: vec4f) -> vec4f {
  return select(a, b, a < b);
}

// The bits of -88.0296, a little above -127 ln 2: there e^x has run out of exponents.
const EXP_FLOOR_BITS = 0xc2b00f28u;

// The bits of e^x for x <= 0, given those of x: within 2 ULP, or 2^-126 where the result is below the smallest normal number.
fn exp_bits4(x_bits: vec4u) -> vec4u {
  let x = bitcast<vec4f>(min(x_bits, vec4u(EXP_FLOOR_BITS))); // bits of negative numbers grow with their size
  let n = floor(fma(x, vec4f(1.44269504), vec4f(0.5)));
  let r = fma(n, vec4f(-LN2_LOW), fma(n, vec4f(-LN2_HIGH), x));
  var p = fma(vec4f(1.381416456e-03), r, vec4f(8.368927985e-03));
  p = fma(p, r, vec4f(4.166840762e-02));
  p = fma(p, r, vec4f(1.666651815e-01));
  p = fma(p, r, vec4f(4.999999404e-01));
  let mantissa = 1.0 + fma(p, r * r, r);
  // n + 1.5 2^23 holds the integer n in its low bits; the product moves them to the exponent's place.
  return bitcast<vec4u>(mantissa) + bitcast<vec4u>(n + 12582912.0) * 8388608u;
}

// e^x for x <= 0.
fn exp_nonpositive4(x: vec4f) -> vec4f {
  return bitcast<vec4f>(exp_bits4(bitcast<vec4u>(x)));
}
