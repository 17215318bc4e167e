// @module-tag slow
import { describe, expect, it } from 'vitest';
import { toyStart, toyVectors } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { readLink } from '../../src/shell/links/link.ts';
import { LossEditor } from '../../src/shell/losses/loss-editor.svelte.ts';
import { checkStart } from '../../src/shell/losses/loss-start.ts';
import { readObjective } from '../../src/shell/losses/objective-link.ts';
import { objectives, type PageChoice, viewObjective } from '../../src/shell/losses/objective-view.ts';
import { readDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
import { toyRuns } from '../../src/views/displacement/toy-runs.ts';
import { randomExpression, randomStream } from '../shared/random-expressions.ts';

const hostile = [
  'log(logp_w)',
  '-logp_w/0',
  'sqrt(margin)',
  'margin/margin',
  'logp_w + exp(exp(9 + 0 * logp_w))',
  'log(beta - 0.1) * margin',
];
const start = toyStart(toyVectors);

function typing() {
  let choice: PageChoice = { name: 'dpo' };
  const editor = new LossEditor(
    () => viewObjective(choice),
    (next) => {
      choice = next;
    },
    () => start,
  );
  return { editor, choice: () => choice };
}

describe('a loss that is not finite where it starts', () => {
  it('is refused at its columns, and the last good one stays', () => {
    const { editor, choice } = typing();
    editor.type('-logp_w/0.5 + log(logp_w)');
    expect(editor.problem).toMatchObject({ from: 15, to: 25 });
    expect(editor.problem?.message).toMatch(/^Where training starts, with logp_w = -\d.*this is not a number/);
    expect(choice()).toEqual({ name: 'dpo' });
    editor.type('margin + sqrt(margin)');
    expect(editor.problem).toMatchObject({ from: 10, to: 21 });
    expect(editor.problem?.message).toContain('slope by logp_w');
    editor.type('-logp_w/0.5');
    expect(editor.problem).toBeNull();
    expect(choice()).toMatchObject({ expression: '-logp_w/0.5' });
  });

  it.each(hostile)('is refused in a link: %s', (loss) => {
    for (const read of [readObjective, (reader: Parameters<typeof readDisplacement>[0]) => readDisplacement(reader).settings.objective]) {
      const { reader } = readLink(`v=1&${new URLSearchParams({ loss })}`);
      expect(read(reader)).toMatchObject({ name: 'dpo' });
      expect(reader.finish()).toMatchObject([{ key: 'loss', value: loss }]);
    }
  });

  it('is refused in a saved run', () => {
    expect(toyRuns.read(`v=1&${new URLSearchParams({ loss: 'log(logp_w)' })}`)).toMatch(/^loss: .*Where training starts/);
  });

  it('judges a loss with the parameters that come with it', () => {
    expect(() => checkStart({ expression: 'log(c) * margin', params: { c: 2 } })).not.toThrow();
    expect(() => checkStart({ expression: 'log(c) * margin', params: { c: -1 } })).toThrow(/Column 1-6/);
  });

  it('refuses no entry of the catalogue, typed or named', () => {
    for (const { id, text } of objectives) {
      expect(() => checkStart({ name: id }, start), id).not.toThrow();
      if (!/score_[wl]/.test(text)) expect(() => checkStart({ expression: text }, start), id).not.toThrow();
    }
  });
});

describe('the displacement session', () => {
  it.each(hostile)('has a start whatever the loss: %s', async (expression) => {
    const { settings } = readDisplacement(readLink('').reader);
    const session = await Session.create(new PageEngineOwner('cpu'), {
      calm: true,
      link: { settings: { ...settings, objective: { expression } }, step: null },
    });
    expect(session.start.chosenLogps[0]).toBeCloseTo(start.chosen, 12);
    expect(session.shown.step).toBe(0);
    session.dispose();
  });

  it('lives with whatever expression a link holds', async () => {
    const random = randomStream(20_261_129);
    for (let i = 0; i < 60; i++) {
      const { text } = randomExpression(random, 4);
      const { reader } = readLink(`v=1&steps=1&${new URLSearchParams({ loss: text })}`);
      const link = readDisplacement(reader);
      const { editor, choice } = typing();
      for (let end = 1; end <= text.length; end += 3) editor.type(text.slice(0, end));
      editor.type(text);
      for (const objective of [link.settings.objective, choice()]) {
        const session = await Session.create(new PageEngineOwner('cpu'), {
          calm: true,
          link: { ...link, settings: { ...link.settings, objective } },
        });
        expect(session.start.chosenLogps[0], text).toBeCloseTo(start.chosen, 12);
        expect(Number.isFinite(session.start.loss), text).toBe(true);
        session.dispose();
      }
    }
  });
});
