/** A small generator of its own (mulberry32), so that every failure can be repeated. */
export function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Point = Readonly<Record<string, number>>;

export interface RandomExpression {
  readonly text: string;
  /** its value by plain Math, written beside the text: an oracle of the parser and of every rewriting */
  value(point: Point): number;
}

type Make = (...args: RandomExpression[]) => RandomExpression;

const names = ['logp_w', 'logp_l', 'ref_w', 'ref_l', 'beta', 'gamma'] as const;

const prefix =
  (name: string, compute: (a: number, b: number) => number): Make =>
  (...args) => ({
    text: `${name}(${args.map(({ text }) => text).join(', ')})`,
    value: (point) => {
      const [a = 0, b = 0] = args.map(({ value }) => value(point));
      return compute(a, b);
    },
  });
/** Parentheses only where they are needed, so that precedence is tested, too. */
const infix =
  (symbol: string, compute: (a: number, b: number) => number, wrap: (a: string, b: string) => [string, string]): Make =>
  (a, b) => {
    const [left, right] = wrap(a?.text ?? '', b?.text ?? '');
    return { text: `${left} ${symbol} ${right}`, value: (point) => compute(a?.value(point) ?? 0, b?.value(point) ?? 0) };
  };
const isAtom = (text: string) => /^(\w+|\d*\.?\d+)$/.test(text) || /^\w+\([^()]*\)$/.test(text);
const atom = (text: string) => (isAtom(text) ? text : `(${text})`);
const both = (a: string, b: string): [string, string] => [atom(a), atom(b)];

const unary: Make[] = [
  prefix('exp', (a) => Math.exp(a)),
  prefix('sigmoid', (a) => 1 / (1 + Math.exp(-a))),
  prefix('logsigmoid', (a) => -Math.log1p(Math.exp(-a))),
  prefix('softplus', (a) => Math.log1p(Math.exp(a))),
  prefix('tanh', (a) => Math.tanh(a)),
  prefix('relu', (a) => Math.max(a, 0)),
  prefix('abs', (a) => Math.abs(a)),
  prefix('square', (a) => a * a),
  prefix('expm1', (a) => Math.expm1(a)),
  (a) => ({ text: `log(1 + exp(${a?.text}))`, value: (point) => Math.log1p(Math.exp(a?.value(point) ?? 0)) }),
  (a) => ({ text: `1 - sigmoid(${a?.text})`, value: (point) => 1 / (1 + Math.exp(a?.value(point) ?? 0)) }),
  (a) => ({ text: `sqrt(1 + square(${a?.text}))`, value: (point) => Math.hypot(1, a?.value(point) ?? 0) }),
  (a) => ({ text: `log1mexp(-0.1 - abs(${a?.text}))`, value: (point) => Math.log(1 - Math.exp(-0.1 - Math.abs(a?.value(point) ?? 0))) }),
  (a) => ({ text: `log(0.5 + square(${a?.text}))`, value: (point) => Math.log(0.5 + (a?.value(point) ?? 0) ** 2) }),
  (a) => ({ text: `-${atom(a?.text ?? '')}`, value: (point) => -(a?.value(point) ?? 0) }),
  (a) => ({ text: `${atom(a?.text ?? '')}^3`, value: (point) => (a?.value(point) ?? 0) ** 3 }),
];
const binary: Make[] = [
  infix(
    '+',
    (a, b) => a + b,
    (a, b) => [a, atom(b)],
  ),
  infix(
    '-',
    (a, b) => a - b,
    (a, b) => [a, atom(b)],
  ),
  infix('*', (a, b) => a * b, both),
  (a, b) => ({
    text: `${atom(a?.text ?? '')} / (1 + square(${b?.text}))`,
    value: (point) => (a?.value(point) ?? 0) / (1 + (b?.value(point) ?? 0) ** 2),
  }),
  prefix('min', (a, b) => Math.min(a, b)),
  prefix('max', (a, b) => Math.max(a, b)),
];
const ternary: Make = (a, b, c) => ({
  text: `where(${a?.text} > 0.1, ${b?.text}, ${c?.text})`,
  value: (point) => ((a?.value(point) ?? 0) > 0.1 ? (b?.value(point) ?? 0) : (c?.value(point) ?? 0)),
});

/** A random expression of at most `depth` levels over the two log-probs, two reference log-probs and two parameters. */
export function randomExpression(random: () => number, depth: number): RandomExpression {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  if (depth === 0 || random() < 0.1) {
    const name = pick([...names, 'logp_w', 'logp_l'] as const);
    if (random() < 0.15) {
      const number = Math.round(random() * 300) / 100;
      return { text: String(number), value: () => number };
    }
    return { text: name, value: (point) => point[name] ?? Number.NaN };
  }
  const inner = () => randomExpression(random, depth - 1);
  const kind = random();
  if (kind < 0.45) return pick(unary)(inner());
  if (kind < 0.94) return pick(binary)(inner(), inner());
  return ternary(inner(), inner(), inner());
}

/** A point with float32 coordinates of the sizes that log-probs have. */
export function randomPoint(random: () => number): Point {
  const between = (low: number, high: number) => Math.fround(low + (high - low) * random());
  return {
    logp_w: between(-4, 0),
    logp_l: between(-4, 0),
    ref_w: between(-4, 0),
    ref_l: between(-4, 0),
    beta: between(0.05, 2),
    gamma: between(0, 2),
  };
}
