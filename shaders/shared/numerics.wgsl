// Elementary functions for the arguments that the kernels meet, within 3 ULP of float64 on every adapter. WGSL's own exp and log
// may be off by 3+2|x| ULP and by 2^-21, and on some adapters log(0) is finite and arithmetic loses a NaN: hence tests by bits.

const INFINITY_BITS = 0x7f800000u;
const NEGATIVE_INFINITY_BITS = 0xff800000u;

// ln 2 in two parts. The first has 9 bits, so that its product with an exponent is exact.
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.12194440e-4;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > INFINITY_BITS;
}

fn is_negative_infinity(x: f32) -> bool {
  return bitcast<u32>(x) == NEGATIVE_INFINITY_BITS;
}

// WGSL refuses a constant expression that is not finite: the bits go through a variable.
fn from_bits(bits: u32) -> f32 {
  var runtime = bits;
  return bitcast<f32>(runtime);
}

fn quiet_nan() -> f32 {
  return from_bits(0x7fc00000u);
}

fn negative_infinity() -> f32 {
  return from_bits(NEGATIVE_INFINITY_BITS);
}

// e^r - 1 for |r| <= ln(2)/2, the polynomial of Cephes' expf.
fn expm1_reduced(r: f32) -> f32 {
  var p = 1.9875691500e-4;
  p = fma(p, r, 1.3981999507e-3);
  p = fma(p, r, 8.3334519073e-3);
  p = fma(p, r, 4.1665795894e-2);
  p = fma(p, r, 1.6666665459e-1);
  p = fma(p, r, 5.0000001201e-1);
  return fma(p, r * r, r);
}

// e^x for x <= 0. Results below the smallest normal number are 0, as float32 hardware flushes them.
fn exp_nonpositive(x: f32) -> f32 {
  if (!(x > -87.0)) { return 0.0; }
  let n = round(x * 1.44269504);
  let r = fma(-n, LN2_LOW, fma(-n, LN2_HIGH, x));
  let mantissa = 1.0 + expm1_reduced(r);
  return bitcast<f32>(bitcast<i32>(mantissa) + (i32(n) << 23u));
}

// e^x - 1 for x <= 0, without cancellation near 0.
fn expm1_nonpositive(x: f32) -> f32 {
  if (x > -0.34657359) { return expm1_reduced(x); }
  return exp_nonpositive(x) - 1.0;
}

// log(1 + s) for s >= 0: 1 + s = 2^k f with f in [sqrt(1/2), sqrt(2)), then the polynomial of Cephes' logf in f - 1.
fn log1p_nonnegative(s: f32) -> f32 {
  let offset = bitcast<u32>(1.0 + s) - 0x3f3504f3u;
  let k = i32(offset >> 23u);
  let f = bitcast<f32>((offset & 0x007fffffu) + 0x3f3504f3u);
  let z = select(f - 1.0, s, k == 0); // s itself: 1 + s has lost its last bits
  var p = 7.0376836292e-2;
  p = fma(p, z, -1.1514610310e-1);
  p = fma(p, z, 1.1676998740e-1);
  p = fma(p, z, -1.2420140846e-1);
  p = fma(p, z, 1.4249322787e-1);
  p = fma(p, z, -1.6668057665e-1);
  p = fma(p, z, 2.0000714765e-1);
  p = fma(p, z, -2.4999993993e-1);
  p = fma(p, z, 3.3333331174e-1);
  let square = z * z;
  let tail = fma(f32(k), LN2_LOW, fma(square * z, p, -0.5 * square));
  return fma(f32(k), LN2_HIGH, z + tail);
}

// log(1 / (1 + e^-z)), finite for every finite z.
fn log_sigmoid(z: f32) -> f32 {
  if (is_nan(z)) { return z; }
  return min(z, 0.0) - log1p_nonnegative(exp_nonpositive(-abs(z)));
}

// 1 / (1 + e^-z).
fn sigmoid(z: f32) -> f32 {
  if (is_nan(z)) { return z; }
  let e = exp_nonpositive(-abs(z));
  return select(e, 1.0, z >= 0.0) / (1.0 + e);
}
