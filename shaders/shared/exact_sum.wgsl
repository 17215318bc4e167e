// A sum that keeps what each addition rounds off (Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen"):
// terms of which one takes away what another adds leave 0, where their rounding would be a direction for Adam.
struct ExactSum {
  value: f32,
  rounded_off: f32,
}

fn plus(sum: ExactSum, x: f32) -> ExactSum {
  let value = sum.value + x;
  let off = select((x - value) + sum.value, (sum.value - value) + x, abs(sum.value) >= abs(x));
  return ExactSum(value, sum.rounded_off + off);
}

fn total_of(sum: ExactSum) -> f32 {
  return sum.value + sum.rounded_off;
}
