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

// The functions of typed expressions take any argument: a NaN stays one, and what overflows is an infinity.

// The same number, but no longer a constant expression.
fn opaque(x: f32) -> f32 {
  return x;
}

fn infinity() -> f32 {
  return from_bits(INFINITY_BITS);
}

// e^x
fn exp_safe(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (x <= 0.0) { return exp_nonpositive(x); }
  if (x > 88.72283) { return infinity(); }
  let n = round(x * 1.44269504);
  let r = fma(-n, LN2_LOW, fma(-n, LN2_HIGH, x));
  let mantissa = 1.0 + expm1_reduced(r);
  return bitcast<f32>(bitcast<i32>(mantissa) + (i32(n) << 23u));
}

// e^x - 1, without cancellation near 0
fn expm1_safe(x: f32) -> f32 {
  if (is_nan(x) || abs(x) < 0.34657359) { return select(expm1_reduced(x), x, is_nan(x)); }
  return exp_safe(x) - 1.0;
}

// log of m 2^k + rest, where `bits` are those of the sum and `rest` is its small part when k is 0
fn log_of_bits(bits: u32, small: f32, use_small: bool) -> f32 {
  let offset = bitcast<i32>(bits) - 0x3f3504f3;
  let k = offset >> 23u;
  let f = bitcast<f32>(u32(offset & 0x007fffff) + 0x3f3504f3u);
  let z = select(f - 1.0, small, use_small && k == 0);
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

// log x: -Infinity at 0, NaN below
fn log_safe(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if (is_nan(x) || bits == INFINITY_BITS) { return x; }
  if ((bits & 0x7fffffffu) < 0x00800000u) { return negative_infinity(); }
  if (x < 0.0) { return quiet_nan(); }
  return log_of_bits(bits, 0.0, false);
}

// log(1 + x), without cancellation near 0
fn log1p_safe(x: f32) -> f32 {
  if (is_nan(x) || bitcast<u32>(x) == INFINITY_BITS) { return x; }
  let total = 1.0 + x;
  if (total <= 0.0) { return select(quiet_nan(), negative_infinity(), total == 0.0); }
  return log_of_bits(bitcast<u32>(total), x, true);
}

// log(1 - e^x) for x <= 0; NaN above
fn log1mexp(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (x > 0.0) { return quiet_nan(); }
  if (x > -0.69314718) { return log_safe(-expm1_nonpositive(x)); }
  return log1p_safe(-exp_nonpositive(x));
}

// log(1 + e^x), finite for every finite x
fn softplus(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  return max(x, 0.0) + log1p_nonnegative(exp_nonpositive(-abs(x)));
}

fn tanh_safe(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let t = expm1_nonpositive(-2.0 * abs(x));
  let magnitude = -t / (2.0 + t);
  return select(magnitude, -magnitude, x < 0.0);
}

// One step of Newton's method after the built-in, which may be 5 ULP off.
fn sqrt_safe(x: f32) -> f32 {
  if (is_nan(x) || x == 0.0 || bitcast<u32>(x) == INFINITY_BITS) { return x; }
  if (x < 0.0) { return quiet_nan(); }
  let root = sqrt(x);
  return 0.5 * (root + x / root);
}

// a^b as |a|^b = e^(b log |a|), with the sign of an odd power; NaN where that is not real
fn power(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b)) { return quiet_nan(); }
  if (b == 0.0 || a == 1.0) { return 1.0; }
  if (a == 0.0) { return select(infinity(), 0.0, b > 0.0); }
  let magnitude = exp_safe(b * log_safe(abs(a)));
  if (a > 0.0) { return magnitude; }
  if (b != floor(b)) { return quiet_nan(); }
  return select(magnitude, -magnitude, floor(0.5 * b) * 2.0 != b);
}

fn minimum(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b)) { return quiet_nan(); }
  return min(a, b);
}

fn maximum(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b)) { return quiet_nan(); }
  return max(a, b);
}

fn relu(a: f32) -> f32 {
  return select(max(a, 0.0), a, is_nan(a));
}

fn sign_safe(a: f32) -> f32 {
  return select(sign(a), a, is_nan(a));
}
