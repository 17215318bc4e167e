//#include shared/numerics

// numerics.wgsl for four values at once, without branches: software adapters run both sides of one.

// The bits without the sign: above INFINITY_BITS for every NaN.
fn magnitude4(x: vec4f) -> vec4u {
  return bitcast<vec4u>(x) & vec4u(0x7fffffffu);
}

// e^x for x <= 0, within 2 ULP; 0 below -87, as float32 hardware flushes what is smaller.
fn exp_nonpositive4(x: vec4f) -> vec4f {
  let bounded = max(x, vec4f(-87.0));
  let n = round(bounded * 1.44269504);
  let r = fma(-n, vec4f(LN2_LOW), fma(-n, vec4f(LN2_HIGH), bounded));
  var p = fma(vec4f(1.9875691500e-4), r, vec4f(1.3981999507e-3));
  p = fma(p, r, vec4f(8.3334519073e-3));
  p = fma(p, r, vec4f(4.1665795894e-2));
  p = fma(p, r, vec4f(1.6666665459e-1));
  p = fma(p, r, vec4f(5.0000001201e-1));
  let mantissa = 1.0 + fma(p, r * r, r);
  // n + 1.5 2^23 holds the integer n in its low bits: a conversion to i32 would be guarded against overflow, at a cost.
  let exponent = bitcast<vec4u>(n + 12582912.0) << vec4u(23u);
  return select(bitcast<vec4f>(bitcast<vec4u>(mantissa) + exponent), vec4f(), x < vec4f(-87.0));
}
