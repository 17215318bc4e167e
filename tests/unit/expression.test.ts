// @module-tag slow
import { describe, expect, test } from 'vitest';
import { differentiate } from '../../src/core/expression/differentiate.ts';
import { parse } from '../../src/core/expression/parse.ts';
import { evaluate, toProgram } from '../../src/core/expression/program.ts';
import { toTex } from '../../src/core/expression/tex.ts';
import { toWgsl } from '../../src/core/expression/wgsl.ts';
import { checkGradient, ExpressionError, readLoss } from '../../src/index.ts';
import { compareGradient } from '../../src/objectives/check/gradient-check.ts';
import { type Point, randomExpression, randomPoint, randomStream } from '../shared/random-expressions.ts';

const names = { inputs: ['logp_w', 'logp_l', 'ref_w', 'ref_l'], shorthands: {} };
const value = (text: string, point: Point = {}) => evaluate(parse(text, names), { logp_w: -1, logp_l: -2, ...point });

function problemOf(text: string): ExpressionError {
  try {
    readLoss(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`'${text}' was read.`);
}

describe('grammar', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['8 / 4 / 2', 1],
    ['2 - 3 - 4', -5],
    ['2 ^ 3 ^ 2', 512],
    ['2 ** 3', 8],
    ['-2 ^ 2', -4],
    ['2 ^ -1', 0.5],
    ['-logp_w * -logp_l', 2],
    ['- -3', 3],
    ['.5 + 1e-1 + 2.', 2.6],
    ['min(3, 1, 2) + max(1, 5, 2)', 6],
    ['where(logp_w > logp_l, 10, 20)', 10],
    ['where((1 <= 1), 1, 0) + where(1 != 1, 4, 2)', 3],
    ['detach(logp_w) * 2', -2],
    ['pow(4, 0.5)', 2],
    ['ln(1)', 0],
    ['neg(sg(logp_w)) + clip(5, 0, 3) + clip(-5, 0, 3)', 4],
    ['logSigmoid(0) - log_sigmoid(0)', 0],
  ])('%s = %f', (text, expected) => expect(value(text)).toBeCloseTo(expected, 14));

  test.each([
    ['', 1, 1, /empty/],
    ['logsigmod(beta * margin)', 1, 9, /Did you mean 'logsigmoid'/],
    ['sigmoid(margin', 8, 8, /not closed/],
    ['margin)', 7, 7, /closes nothing/],
    ['exp(margin, 2)', 1, 14, /takes 1 operand, not 2/],
    ['min(margin)', 1, 11, /2 to 8 operands, not 1/],
    ['2 margin', 3, 8, /'\*' to multiply/],
    ['2 * exp', 5, 7, /exp\(\.\.\.\)/],
    ['margin(3)', 1, 6, /not a function/],
    ['logp_c - logp_l', 1, 6, /Did you mean 'logp_[wl]'/],
    ['margin +', 9, 9, /ends where/],
    ['margin > 0', 1, 10, /condition/],
    ['(margin > 0) + 1', 14, 14, /condition/],
    ['where(margin, 1, 2)', 7, 12, /needs a condition/],
    ['exp(margin > 1)', 5, 14, /not a condition/],
    ['2 * loss = margin', 10, 10, /without '='/],
    ['margin $ 2', 8, 8, /cannot stand here/],
    ['β * margin', 1, 1, /Type 'beta'/],
    ['1e60 * margin', 1, 4, /too large/],
    ['beta * 3', 1, 8, /neither logp_w nor logp_l/],
    ['margin, 2', 7, 7, /comma/],
    ['*margin', 1, 1, /needs a number or a name before it/],
    ['()', 2, 2, /before this '\)'/],
    ['a'.repeat(41), 1, 41, /41 characters/],
  ])('%j: columns %i-%i', (text, from, to, problem) => {
    const error = problemOf(text);
    expect([error.from, error.to]).toEqual([from, to]);
    expect(error.problem).toMatch(problem);
    expect(error.message).toContain('Column');
  });

  test.each([
    ['parentheses', `${'('.repeat(100)}margin`, 65, 65, /nested more than 64/],
    ['signs', `${'-'.repeat(100)}margin`, 65, 65, /nested more than 64/],
    ['powers', `margin${'^2'.repeat(100)}`, 134, 134, /nested more than 64/],
    ['operations', `margin${'+1'.repeat(700)}`, 1207, 1207, /more than 600 operations/],
    ['characters', 'margin'.padEnd(2010), 2001, 2010, /2010 characters/],
  ])('too many %s', (_, text, from, to, problem) => {
    const error = problemOf(text);
    expect([error.from, error.to]).toEqual([from, to]);
    expect(error.problem).toMatch(problem);
  });

  test('names of the language itself are plain parameters, and nothing is looked up in them', () => {
    const { parameters } = readLoss('constructor * margin + toString + hasOwnProperty');
    expect(Object.keys(parameters)).toEqual(['constructor', 'toString', 'hasOwnProperty']);
    expect(problemOf('__proto__ * margin').problem).toMatch(/cannot stand here/);
    expect(problemOf('constructor(margin)').problem).toMatch(/no function/);
  });
});

describe('stable rewriting', () => {
  const operators = (text: string) =>
    toProgram([parse(text, names)]).instructions.flatMap((each) => (each.kind === 'call' ? [each.operator] : []));
  test.each([
    ['log(sigmoid(logp_w))', ['logsigmoid']],
    ['log(1 + exp(logp_w))', ['softplus']],
    ['log(exp(logp_w) + 1)', ['softplus']],
    ['log(1 - exp(logp_w))', ['log1mexp']],
    ['1 - sigmoid(logp_w)', ['neg', 'sigmoid']],
    ['log(1 - sigmoid(logp_w))', ['neg', 'logsigmoid']],
    ['exp(logp_w) - 1', ['expm1']],
    ['1 / (1 + exp(-logp_w))', ['sigmoid']],
    ['exp(logp_w) / (1 + exp(logp_w))', ['sigmoid']],
    ['log(exp(logp_w))', []],
    ['log(1 + logp_w)', ['log1p']],
    ['logp_w + 0 * logp_l', []],
    ['1 * logp_w / 1', []],
  ])('%s', (text, expected) => expect(operators(text)).toEqual(expected));

  test.each([1e4, -1e4, 800, -800, 1e-12])('stays finite and exact at a margin of %f', (margin) => {
    const point = { logp_w: margin };
    const softplus = Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
    expect(value('log(1 + exp(logp_w))', point)).toBe(softplus);
    expect(value('log(sigmoid(logp_w))', point)).toBe(-value('log(1 + exp(-logp_w))', point));
    const slope = differentiate(parse('log(1 + exp(logp_w))', names), 'logp_w');
    expect(evaluate(slope, point)).toBeCloseTo(margin > 100 ? 1 : margin < -100 ? 0 : 0.5, 10);
  });
});

test('a detached part is a constant of the derivative, not of the value', () => {
  const e = parse('detach(logp_w) * logp_w', names);
  expect(evaluate(e, { logp_w: -3 })).toBe(9);
  expect(evaluate(differentiate(e, 'logp_w'), { logp_w: -3 })).toBe(-3);
  expect(checkGradient(e, [{ logp_w: -3, logp_l: 0 }]).passed).toBe(true);
});

test('a wrong derivative is found out', () => {
  const loss = parse('-logsigmoid(logp_w - logp_l)', names);
  const wrong = parse('-1.00001 * sigmoid(logp_l - logp_w)', names);
  const right = differentiate(loss, 'logp_l');
  const verdict = compareGradient(loss, { logp_w: wrong, logp_l: right }, [{ logp_w: -1, logp_l: -2 }]);
  expect(verdict.passed).toBe(false);
  expect(verdict.worst?.by).toBe('logp_w');
  expect(verdict.worst?.relativeError).toBeCloseTo(1e-5, 7);
});

test('10,000 random expressions: value, derivative, WGSL and TeX', () => {
  const random = randomStream(1);
  let [valued, compared] = [0, 0];
  for (let i = 0; i < 10_000; i++) {
    const { text, value: oracle } = randomExpression(random, 1 + (i % 4));
    const e = parse(text, names);
    const point = randomPoint(random);
    const [got, expected] = [evaluate(e, point), oracle(point)];
    if (Number.isFinite(expected) && Math.abs(expected) < 1e8) {
      valued++;
      // the rewritten form is the more accurate one; what differs is the oracle's cancellation, 1e-16 of its largest part
      if (Math.abs(got - expected) > 1e-9 * (1 + Math.abs(expected))) expect.fail(`${text} is ${got}, not ${expected}`);
    }
    const verdict = checkGradient(e, [point]);
    compared += verdict.compared;
    if (verdict.compared > 0 && !verdict.passed) expect.fail(`${text}: ${JSON.stringify(verdict.worst)}`);
    if (i % 20 === 0) {
      expect(toTex(e, {}).length).toBeGreaterThan(0);
      expect(toWgsl(toProgram([e])).outputs).toHaveLength(1);
    }
  }
  expect(valued).toBeGreaterThan(9000);
  expect(compared).toBeGreaterThan(14_000);
});

test('constants that overflow are left as they stand', () => {
  for (const text of ['1e30 * 1e30 * logp_w', '1 / 0 + logp_w', '0 / 0 + logp_w', '-(3e38) - 3e38 + logp_w', '(2 * logp_w) * 1e38 * 1e38'])
    expect(() => toWgsl(toProgram([parse(text, names), differentiate(parse(text, names), 'logp_w')])), text).not.toThrow();
});

test('10,000 strings of garbage: a loss or a located error, and nothing runs', () => {
  const random = randomStream(2);
  const pieces = [
    ...'+-*/^(),<>=!.;:[]{}$#@`"\'\\|&~?_ \n\t',
    ...[
      'logp_w',
      'margin',
      'exp(',
      'where(',
      '1e9',
      '1e',
      '..',
      'globalThis',
      'alert(1)',
      'constructor',
      '=>',
      'new Function',
      'β',
      '💥',
      '\u0000',
    ],
  ];
  const before = Object.keys(globalThis).length;
  let errors = 0;
  for (let i = 0; i < 10_000; i++) {
    const length = Math.floor(random() * 30);
    const text = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join(random() < 0.5 ? '' : ' ');
    try {
      readLoss(text);
    } catch (error) {
      errors++;
      if (!(error instanceof ExpressionError)) throw error;
      if (!(error.from >= 1 && error.to >= error.from && error.from <= text.length + 1))
        expect.fail(`${JSON.stringify(text)}: ${error.message}`);
    }
  }
  expect(errors).toBeGreaterThan(9000);
  expect(Object.keys(globalThis).length).toBe(before);
});
