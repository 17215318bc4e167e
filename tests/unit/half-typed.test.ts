import { expect, test } from 'vitest';
import { LossEditor } from '../../src/shell/losses/loss-editor.svelte.ts';
import { type PageChoice, viewObjective } from '../../src/shell/losses/objective-view.ts';

/** What trains once a line was typed, key by key. */
function typed(...lines: string[]): { choice: PageChoice; problem: string | null } {
  let choice: PageChoice = { name: 'dpo', params: { beta: 0.1 } };
  const editor = new LossEditor(
    () => viewObjective(choice),
    (next) => {
      choice = next;
    },
  );
  editor.visit();
  for (const line of lines) for (let end = 1; end <= line.length; end++) editor.type(line.slice(0, end));
  return { choice, problem: editor.problem?.message ?? null };
}

test('the beginning of a function’s name is no parameter of a line that goes on and cannot be read', () => {
  const { choice, problem } = typed('-logsigmoid(beta*margin) + 0.5*max(0, ref_w - logp_w');
  expect(problem).toContain('not closed');
  expect(choice).toMatchObject({ expression: '-logsigmoid(beta*margin) + 0.5' });
});

test('where no line before it could be trained either, what trained before stays', () => {
  expect(typed('log(margin').choice).toEqual({ name: 'dpo', params: { beta: 0.1 } });
});

test('a line that is whole trains, and so does one that ends in a name of its own', () => {
  expect(typed('-logsigmoid(beta*margin) + 0.5*max(0, ref_w - logp_w)').choice).toMatchObject({
    expression: '-logsigmoid(beta*margin) + 0.5*max(0, ref_w - logp_w)',
  });
  expect(typed('-logsigmoid(beta*margin) + c').choice).toMatchObject({ params: { c: expect.any(Number) } });
});

test('what was whole before a slip stays', () => {
  const { choice, problem } = typed('softplus(-margin)', 'softplus(-margin) + (');
  expect(problem).not.toBeNull();
  expect('expression' in choice && choice.expression.trim()).toBe('softplus(-margin)');
});
