import temml from 'temml';
import { expect, test } from 'vitest';
import { loadStudy, studyIds } from '../../src/atlas/catalogue.ts';
import { symbolText } from '../../src/shell/controls/format.ts';
import { pointable } from '../../src/shell/study/pointable.ts';

test.each(studyIds)('%s: the formula can be set, with each symbol of a control in a class of its own', async (id) => {
  const { tex, parameters } = await loadStudy(id);
  const options = { throwOnError: true, trust: ({ command }: { command: string }) => command === '\\class' };
  expect(temml.renderToString(pointable(tex, parameters), options)).toContain('<math');
});

test.each(studyIds)('%s: each control is named by a symbol, not by the command that sets it', async (id) => {
  const { parameters } = await loadStudy(id);
  for (const { symbol } of Object.values(parameters))
    for (const [, command = ''] of symbol.matchAll(/\\([a-z]+)/gi))
      if (command !== 'max') expect(symbolText(symbol), symbol).not.toContain(command);
});

test('a macro that takes a bare symbol for its argument is a fault', () => {
  const { beta } = { beta: { label: 'Temperature', symbol: '\\beta', min: 0, max: 1, default: 0.1 } };
  expect(() => temml.renderToString(pointable('\\tfrac\\beta2', { beta }), { throwOnError: true })).toThrow();
});
