import { describe, expect, it } from 'vitest';
import { defaultSettings, noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import type { RecordedStep } from '../../src/core/experiment.ts';
import { openEngine } from '../../src/train/engine.ts';
import { judge, tellVerdict } from '../../src/views/displacement/more/verdict.ts';
import { defaultMarks, type TokenMarks } from '../../src/views/displacement/token-marks.ts';

const cast = { tokens: ['No', 'Never', 'Yes', 'Sure', 'Maybe', 'the'], chosen: 0, rejected: 1 };
const engine = await openEngine({ backend: 'cpu' });
const ends = async (change = {}): Promise<[RecordedStep, RecordedStep]> => {
  const { steps } = await engine.train(noOverNever({ ...defaultSettings, ...change }));
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) throw new Error('no steps');
  return [first, last];
};
const allOf = (mark: TokenMarks[number]): TokenMarks => [null, null, mark, mark, mark, mark];

describe('the verdict', () => {
  it('follows the marks, with the engine’s numbers', async () => {
    const [start, end] = await ends();
    const verdict = judge(start, end, cast, defaultMarks);
    expect(verdict.kind).toBe('catastrophic');
    const sum = verdict.chosen + verdict.rejected + verdict.acceptable + verdict.harmful + verdict.unmarked;
    expect(Math.abs(sum)).toBeLessThan(1e-12); // probabilities sum to 1 before and after
    const change = (token: number) => (end.probs?.[token] ?? 0) - (start.probs?.[token] ?? 0);
    expect(verdict.harmful).toBeCloseTo(change(2) + change(3), 12);
    expect(judge(start, end, cast, allOf('acceptable')).kind).toBe('benign');
    expect(judge(start, end, cast, allOf(null)).kind).toBe('open');
    const text = tellVerdict(verdict, cast)
      .map((phrase) => phrase.text)
      .join('');
    expect(text).toMatch(/^Catastrophic.*“No” lost 75\.\d.*gained/);
  });

  it('judges only displacement', async () => {
    const [start] = await ends();
    expect(judge(start, start, cast, defaultMarks).kind).toBe('start');
    const [from, to] = await ends({ train: 'unembedding', learningRate: 0.05 });
    expect(judge(from, to, cast, defaultMarks).kind).toBe('no-displacement');
  });
});
