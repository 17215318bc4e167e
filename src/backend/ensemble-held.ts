import type { EnsembleLayout, EnsembleShape } from './ensemble-layout.ts';

/**
 * Longest distribution that is written out number by number, the most pairs, the most numbers with all of them, and the most parameters:
 * beyond, compilers take minutes. Four pairs take no longer than two, six take six times that, and seven had no end after three minutes.
 */
const longestHeld = 16;
const mostPairs = 4;
const mostHeld = 48;
const mostParameters = 64;

/**
 * Whether the functions below do the work of a run: one distribution without offsets and responses of one token, as a bandit has and the
 * displacement toy, in private memory. Their indices are constants: a software adapter, which runs several invocations in the lanes of a vector, reads an array at any
 * other index lane by lane, and storage slower still; of storage, they read all that they need once.
 */
export function isHeld(shape: EnsembleShape, isPrivate: boolean): boolean {
  const { parameterisation, columns, contexts, dimensions, offsetRows, pairs, positions, firstTrained } = shape;
  const isOneRow = contexts === 1 && offsetRows === 0 && (parameterisation === 'features' || firstTrained);
  const isShort =
    columns <= longestHeld && pairs <= mostPairs && columns * pairs <= mostHeld && (columns + 1) * dimensions <= mostParameters;
  return isPrivate && isOneRow && positions === 1 && isShort;
}

/** The functions that ensemble_train.wgsl calls where HELD is true; empty ones otherwise. Without branches, which lanes would share. */
export function heldWgsl(shape: EnsembleShape, { memory, plan, numbers }: EnsembleLayout, held: boolean): string {
  const columns = held ? shape.columns : 0;
  const pairs = Array.from({ length: held ? shape.pairs : 0 }, (_, pair) => pair);
  const sequences = Array.from({ length: 2 * pairs.length }, (_, sequence) => sequence);
  const columnsOfPair = Array.from({ length: shape.inputs }, (_, i) => i);
  const input = (pair: number, i: number) => {
    if (shape.chosenReferences & (1 << i)) return at(memory.references, pair);
    if (shape.rejectedReferences & (1 << i)) return at(memory.references, shape.pairs + pair);
    return `held_inputs[${pair * shape.inputs + i}]`;
  };
  const indices = Array.from({ length: columns }, (_, v) => v);
  const isTable = shape.parameterisation === 'table';
  const axes = Array.from({ length: held && !isTable ? shape.dimensions : 0 }, (_, k) => k);
  /** places of a parameter in its regions */
  const hiddenAt = (k: number) => k;
  const unembeddingAt = (v: number, k: number) => shape.dimensions * (1 + v) + k;
  // a table's parameters are its logits
  const logit = (v: number) => (isTable ? at(memory.theta, v) : `held_logits[${v}]`);
  const logitGradient = (v: number) => (isTable ? at(memory.gradient, v) : `held_gradient[${v}]`);
  const trained = isTable
    ? indices
    : [
        ...(shape.firstTrained ? axes.map(hiddenAt) : []),
        ...(shape.secondTrained ? indices.flatMap((v) => axes.map((k) => unembeddingAt(v, k))) : []),
      ];
  const quads = Array.from({ length: Math.ceil(columns / 4) }, (_, q) => q);
  const each = (line: (v: number) => string) => indices.map((v) => `  ${line(v)}`);
  const at = (region: number, v: number) => `memory[${region + v}]`;
  const gradientAt = (i: number) => at(memory.gradient, i);
  const member = (v: number) => `e${v >> 2}.${'xyzw'[v % 4]}`;
  // what fills the last quad is the peak itself, and not looked at
  const quad = (q: number) => [0, 1, 2, 3].map((i) => (4 * q + i < columns ? logit(4 * q + i) : 'peak')).join(', ');
  const slot = (region: number, wanted: number, v: number) => (shape.slots >= wanted ? at(region, v) : '0.0');
  const move = (v: number) => {
    const [value, gradient] = [at(memory.theta, v), gradientAt(v)];
    if (shape.rule === 'sgd') return [`  ${value} = fma(-how.learning_rate, ${gradient}, ${value} * how.shrink);`];
    return [
      '  {',
      `    let before = Parameter(${value}, ${slot(memory.first, 1, v)}, ${slot(memory.second, 2, v)});`,
      `    let moved = optimizer_update(before, ${gradient}, how, correction1, correction2);`,
      `    ${value} = moved.value;`,
      ...(shape.slots > 0 ? [`    ${at(memory.first, v)} = moved.first;`] : []),
      ...(shape.slots > 1 ? [`    ${at(memory.second, v)} = moved.second;`] : []),
      '  }',
    ];
  };
  return [
    `const HELD = ${held};`,
    'var<private> held_total: f32;',
    ...(held && !isTable
      ? [`var<private> held_logits: array<f32, ${columns}>;`, `var<private> held_gradient: array<f32, ${columns}>;`]
      : []),
    `var<private> held_tokens: array<u32, ${Math.max(1, sequences.length)}>;`,
    `var<private> held_counts: array<bool, ${Math.max(1, sequences.length)}>;`,
    `var<private> held_weights: array<f32, ${Math.max(1, pairs.length)}>;`,
    `var<private> held_inputs: array<f32, ${Math.max(1, pairs.length * shape.inputs)}>;`,
    '// As finished_row; leaves e^(x - peak) in PROBABILITIES and 1 + rest in held_total.',
    'fn held_finished_row() -> vec2f {',
    '  var peak = LOWEST_LOGIT;',
    '  var peak_at = COLUMNS;',
    '  var undefined = false;',
    '  var leads = false;',
    '  var bits = 0u;',
    ...(isTable
      ? []
      : indices.flatMap((v) => [
          `  ${logit(v)} = 0.0;`,
          ...axes.map(
            (k) => `  ${logit(v)} = fma(${at(memory.theta, unembeddingAt(v, k))}, ${at(memory.theta, hiddenAt(k))}, ${logit(v)});`,
          ),
        ])),
    ...indices.flatMap((v) => [
      `  bits = bitcast<u32>(${logit(v)});`,
      '  undefined = undefined | ((bits & 0x7fffffffu) > INFINITY_BITS) | (bits == INFINITY_BITS);',
      `  leads = (${logit(v)} > peak) | ((${logit(v)} == peak) & (peak_at == COLUMNS));`,
      `  peak = select(peak, ${logit(v)}, leads);`,
      `  peak_at = select(peak_at, ${v}u, leads);`,
    ]),
    ...quads.map((q) => `  let e${q} = exp_nonpositive4(vec4f(${quad(q)}) - peak);`),
    '  var rest = 0.0;',
    ...each((v) => `${at(memory.probabilities, v)} = ${member(v)};`),
    ...each((v) => `rest += select(${member(v)}, 0.0, peak_at == ${v}u);`),
    '  held_total = 1.0 + rest;',
    '  return select(vec2f(peak, log1p_nonnegative(rest)), vec2f(quiet_nan()), undefined | (peak_at == COLUMNS));',
    '}',
    'fn held_logit(v: u32) -> f32 {',
    '  var x = 0.0;',
    ...each((v) => `x = select(x, ${logit(v)}, v == ${v}u);`),
    '  return x;',
    '}',
    'fn held_open() {',
    ...sequences.flatMap((s) => [
      `  held_counts[${s}] = plan[plan_table + ${plan.table.lengths + s}u] != 0u;`,
      // an empty response has no token
      `  held_tokens[${s}] = select(COLUMNS, plan[plan_table + ${plan.table.positionTokens + s}u], held_counts[${s}]);`,
    ]),
    ...pairs.flatMap((pair) => [
      `  held_weights[${pair}] = numbers[number_table + ${numbers.table.weights + pair}u];`,
      ...columnsOfPair.map((i) => {
        const place = pair * shape.inputs + i;
        return `  held_inputs[${place}] = numbers[number_table + ${numbers.table.inputs + place}u];`;
      }),
    ]),
    '}',
    'fn held_forward() {',
    '  let finished = held_finished_row();',
    `  store(STATS, finished.x);`,
    `  store(STATS + 1u, finished.y);`,
    ...sequences.map(
      (s) => `  ${at(memory.logps, s)} = select(0.0, log_prob(held_logit(held_tokens[${s}]), finished), held_counts[${s}]);`,
    ),
    '}',
    'fn held_chosen_change() -> f32 {',
    '  var total = 0.0;',
    ...pairs.map((pair) => `  total += ${at(memory.logps, pair)} - ${at(memory.references, pair)};`),
    '  return total / f32(PAIRS);',
    '}',
    'fn held_losses() -> f32 {',
    '  var total = 0.0;',
    '  var defined = true;',
    ...pairs.flatMap((pair) => [
      ...columnsOfPair.map((i) => `  pair_inputs[${i}] = ${input(pair, i)};`),
      `  let value${pair} = objective_of(0u, ${at(memory.logps, pair)}, ${at(memory.logps, shape.pairs + pair)});`,
      `  let share${pair} = held_weights[${pair}] / f32(PAIRS);`,
      `  defined = defined & is_finite(value${pair}.by_chosen) & is_finite(value${pair}.by_rejected);`,
      `  ${at(memory.slopes, pair)} = value${pair}.by_chosen * share${pair};`,
      `  ${at(memory.slopes, shape.pairs + pair)} = value${pair}.by_rejected * share${pair};`,
      `  total = fma(value${pair}.loss, held_weights[${pair}], total);`,
    ]),
    '  return select(quiet_nan(), total / f32(PAIRS), defined);',
    '}',
    '// Adds the gradients of a pair. What neither token is moves by the sum of both slopes, which is exactly 0 for a loss of log-ratios:',
    '// rounding of two products that should cancel would be a direction for Adam. 1 - p of a token that holds nearly all mass comes without',
    '// cancellation.',
    'fn held_accumulate(chosen: u32, rejected: u32, by_chosen: f32, by_rejected: f32, chosen_logp: f32, rejected_logp: f32) {',
    '  var chosen_p = 0.0;',
    '  var rejected_p = 0.0;',
    ...each((v) => `chosen_p = select(chosen_p, ${at(memory.probabilities, v)}, chosen == ${v}u);`),
    ...each((v) => `rejected_p = select(rejected_p, ${at(memory.probabilities, v)}, rejected == ${v}u);`),
    '  let of_chosen = select(chosen_p - 1.0, expm1_reduced(chosen_logp), chosen_logp > -0.34657359);',
    '  let of_rejected = select(rejected_p - 1.0, expm1_reduced(rejected_logp), rejected_logp > -0.34657359);',
    '  let both = by_chosen + by_rejected;',
    '  let at_chosen = select(by_chosen * of_chosen + by_rejected * chosen_p, both * of_chosen, chosen == rejected);',
    '  let at_rejected = by_rejected * of_rejected + by_chosen * rejected_p;',
    ...each(
      (v) =>
        `${logitGradient(v)} -= select(select(both * ${at(memory.probabilities, v)}, at_rejected, rejected == ${v}u), at_chosen, chosen == ${v}u);`,
    ),
    '}',
    'fn held_backward() {',
    '  let scale = 1.0 / held_total;',
    ...each((v) => `${logitGradient(v)} = 0.0;`),
    ...each((v) => `${at(memory.probabilities, v)} *= scale;`),
    ...pairs.map((pair) => {
      const [chosen, rejected] = [pair, shape.pairs + pair];
      const slope = (s: number) => `select(0.0, ${at(memory.slopes, s)}, held_counts[${s}])`;
      const logps = `${at(memory.logps, chosen)}, ${at(memory.logps, rejected)}`;
      return `  held_accumulate(held_tokens[${chosen}], held_tokens[${rejected}], ${slope(chosen)}, ${slope(rejected)}, ${logps});`;
    }),
    ...(isTable || !shape.firstTrained
      ? []
      : axes.flatMap((k) => [
          `  ${gradientAt(hiddenAt(k))} = 0.0;`,
          ...each(
            (v) =>
              `${gradientAt(hiddenAt(k))} = fma(${logitGradient(v)}, ${at(memory.theta, unembeddingAt(v, k))}, ${gradientAt(hiddenAt(k))});`,
          ),
        ])),
    ...(isTable || !shape.secondTrained
      ? []
      : axes.flatMap((k) => each((v) => `${gradientAt(unembeddingAt(v, k))} = ${logitGradient(v)} * ${at(memory.theta, hiddenAt(k))};`))),
    '}',
    'fn held_update(how: UpdateRule, correction1: f32, correction2: f32) {',
    ...trained.flatMap(move),
    '}',
  ].join('\n');
}
