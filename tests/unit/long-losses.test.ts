import { describe, expect, it } from 'vitest';
import { ExpressionError } from '../../src/core/errors.ts';
import { call, type Expression, input, nodesOf, same, writtenSize } from '../../src/core/expression/expression.ts';
import { maxSymbols } from '../../src/core/expression/tex.ts';
import { compileObjective } from '../../src/objectives/compile.ts';
import { maxValues, partsOfLoss } from '../../src/objectives/text/typed.ts';
import { linkedTex } from '../../src/shell/losses/linked-tex.ts';
import { LossEditor } from '../../src/shell/losses/loss-editor.svelte.ts';
import { objectives, type PageChoice, viewObjective } from '../../src/shell/losses/objective-view.ts';

const joined = (count: number, operand: string, operator: string): string => Array.from({ length: count }, () => operand).join(operator);
const distinct = (count: number, operator: string): string =>
  Array.from({ length: count }, (_, index) => `(margin-${index})`).join(operator);
function nested(depth: number, wrap: (inner: string) => string): string {
  let text = 'margin';
  for (let i = 0; i < depth; i++) text = wrap(text);
  return text;
}

const long: readonly string[] = [
  ...['+', '-', '*', '/'].flatMap((operator) => [joined(280, 'margin', operator), distinct(150, operator)]),
  joined(60, 'margin', '^'),
  joined(140, 'tanh(margin)', '+'),
  joined(200, 'score_w', '*'),
  nested(20, (inner) => `(${inner}^margin)`),
  nested(61, (inner) => `(${inner}^margin)`),
  nested(60, (inner) => `(${inner})`),
  nested(60, (inner) => `exp(${inner})`),
  nested(60, (inner) => `tanh(${inner})`),
  nested(60, (inner) => `sqrt(${inner})`),
  nested(60, (inner) => `where(margin>0,${inner},margin*2)`),
  nested(50, (inner) => `min(${inner},max(margin,beta))`),
  nested(60, (inner) => `(${inner}+1)^3`),
  `margin*${Array.from({ length: 90 }, (_, index) => `a_rather_long_name_${index}`).join('*')}`,
];

/** The loss of a line, or why it is refused. */
function read(expression: string) {
  try {
    return viewObjective({ expression });
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

describe('a long loss', () => {
  it.each(long.map((text) => [text.slice(0, 40), text]))('%s… is computed in bounds, or refused at its columns', (_, text) => {
    const view = read(text);
    if (view instanceof ExpressionError) {
      expect(view.from).toBeGreaterThanOrEqual(1);
      expect(view.to).toBeLessThanOrEqual(text.length);
      expect(view.problem).toMatch(/Shorten it/);
      return;
    }
    const { loss, pullOnChosen, pushOnRejected, parameters } = view;
    expect(nodesOf(loss, pullOnChosen, pushOnRejected).length).toBeLessThanOrEqual(maxValues + 2); // and a sign
    const values = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
    expect(compileObjective(loss, values).wgsl.length).toBeLessThan(100 * maxValues);
    for (const e of [loss, pullOnChosen, pushOnRejected]) {
      const tex = linkedTex(e, parameters);
      expect(tex.length).toBeLessThan(100 * maxSymbols);
      expect(tex.includes('too long to be written out'), tex.slice(0, 80)).toBe(writtenSize(e) > maxSymbols);
    }
  });

  it('is refused where it becomes too long, and the last good one stays', () => {
    let choice: PageChoice = { name: 'dpo' };
    const editor = new LossEditor(
      () => viewObjective(choice),
      (next) => {
        choice = next;
      },
    );
    const good = joined(150, 'margin', '*');
    editor.type(good);
    expect(editor.problem).toBeNull();
    editor.type(`${good} + ${joined(70, 'tanh(margin)', '+')}`);
    expect(editor.problem?.message).toContain(`more than ${maxValues} names, numbers and operations`);
    expect(editor.problem?.from).toBeGreaterThan(good.length);
    expect(choice).toEqual({ expression: good, params: {} });
  });

  it('leaves ten times what any loss of the catalogue takes', () => {
    for (const { id } of objectives) {
      const { loss, pullOnChosen, pushOnRejected } = viewObjective({ name: id });
      expect(10 * nodesOf(loss, pullOnChosen, pushOnRejected).length, id).toBeLessThan(maxValues);
      for (const e of [loss, pullOnChosen, pushOnRejected]) expect(10 * writtenSize(e), id).toBeLessThan(maxSymbols);
    }
  });

  it('has parts that share what they have in common', () => {
    const text = joined(250, 'margin', '*');
    expect(nodesOf(...partsOfLoss(text).map(({ e }) => e)).length).toBeLessThan(600);
  });
});

describe('shared parts', () => {
  it('are compared once', () => {
    let reads = 0;
    const leaf = (): Expression =>
      new Proxy(input('logp_w'), {
        get: (target, key): unknown => {
          reads++;
          return Reflect.get(target, key);
        },
      });
    const doubled = (): Expression => {
      let e = leaf();
      for (let i = 0; i < 16; i++) e = call('add', e, e);
      return e;
    };
    expect(same(doubled(), doubled())).toBe(true);
    expect(reads).toBeLessThan(100);
    expect(writtenSize(doubled())).toBe(2 ** 17 - 1);
  });
});
