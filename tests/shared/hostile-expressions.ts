/** Names that mean something to JavaScript, beside those that a loss usually has. */
const names = [
  ...['logp_w', 'logp_l', 'ref_w', 'margin', 'logratio_w', 'len_w', 'reward_gap', 'label', 'kl_baseline', 'score_w', 'avg_logp_l'],
  ...['beta', 'gamma', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', 'name', 'mix'],
];
const numbers = ['0', '1', '2', '-1', '0.5', '1e-38', '1e38', '3.4e38', '1000', '.1'];
const unary = ['exp', 'log', 'sqrt', 'log1p', 'log1mexp', 'expm1', 'sigmoid', 'softplus', 'logsigmoid', 'tanh', 'abs', 'sign', 'detach'];
const binary = ['+', '-', '*', '/', '^', '**'];
const comparisons = ['<', '<=', '>', '>=', '==', '!='];

/** A line of the grammar that may be anything but wise: divisions by zero, roots and logs of what is negative, towers of powers. */
export function hostileExpression(random: () => number, depth: number): string {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const inner = () => hostileExpression(random, depth - 1);
  if (depth === 0 || random() < 0.1) return random() < 0.7 ? pick(names) : pick(numbers);
  const kind = random();
  if (kind < 0.3) return `${pick(unary)}(${inner()})`;
  if (kind < 0.75) return `(${inner()}) ${pick(binary)} (${inner()})`;
  if (kind < 0.82) return `${pick(['min', 'max'])}(${inner()}, ${inner()})`;
  if (kind < 0.88) return `-(${inner()})`;
  return `where(${inner()} ${pick(comparisons)} ${inner()}, ${inner()}, ${inner()})`;
}
