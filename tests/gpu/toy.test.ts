import { expect, test } from 'vitest';
import { flipScale } from '../../src/atlas/toys/displacement/first-order.ts';
import {
  chosenToken,
  defaultSettings,
  noOverNever,
  rejectedToken,
  type ToySettings,
  tokens,
  toyPolicy,
} from '../../src/atlas/toys/displacement/no-over-never.ts';
import { describeEngines } from './engines.ts';

const yes = tokens.indexOf('Yes');

// Printed with this many decimals in the notes on arXiv:2410.08847: half of the last one is the tolerance.
const printed = (decimals: number) => 0.5 * 10 ** -decimals;

interface Claim extends Partial<ToySettings> {
  /** change of log π(No) by the first update */
  firstMove?: number;
  /** probabilities after 100 updates */
  end: { no: number; yes?: number };
}

const claims: Record<string, Claim> = {
  'hidden vector only: displacement': { train: 'hidden', scale: 1, learningRate: 1, firstMove: -0.0122, end: { no: 0.003, yes: 0.975 } },
  'unembedding only: none': { train: 'unembedding', scale: 1, learningRate: 0.05, end: { no: 0.994 } },
  'both, below the flip': { train: 'both', scale: 2, learningRate: 0.05, firstMove: 0.0011, end: { no: 0.799 } },
  'both, above the flip': { train: 'both', scale: 3, learningRate: 0.1, firstMove: -0.0078, end: { no: 0.071, yes: 0.902 } },
  'both, far above the flip': { train: 'both', scale: 4, learningRate: 0.1, end: { no: 0.001, yes: 0.993 } },
};

describeEngines('No over Never', (engine) => {
  test.each(Object.entries(claims))('%s', async (_, { firstMove, end, ...settings }) => {
    const { steps } = await engine().train(noOverNever({ ...defaultSettings, ...settings }));
    const logp = (step: number, token: number) => steps[step]?.outcomeLogps?.[token] ?? Number.NaN;
    expect(Math.exp(logp(0, chosenToken))).toBeCloseTo(0.7557, 4);
    expect(Math.exp(logp(0, rejectedToken))).toBeCloseTo(0.0376, 4);
    if (firstMove !== undefined) expect(Math.abs(logp(1, chosenToken) - logp(0, chosenToken) - firstMove)).toBeLessThan(printed(4));
    expect(Math.abs(Math.exp(logp(100, chosenToken)) - end.no)).toBeLessThan(printed(3));
    if (end.yes !== undefined) expect(Math.abs(Math.exp(logp(100, yes)) - end.yes)).toBeLessThan(printed(3));
    // The loss falls at every step, whatever happens to the chosen answer: that is what displacement means.
    for (const [index, { loss }] of steps.entries()) if (index > 0) expect(loss).toBeLessThan(steps[index - 1]?.loss ?? 0);
  });

  test('the first move changes sign at c* = 2.208, where the formula says', async () => {
    const flip = flipScale(toyPolicy(1, 'both'), chosenToken, rejectedToken);
    expect(flip).toBeCloseTo(2.208, 3);
    // A rate, so that the step's own curvature does not move the place of the change.
    const rate = async (scale: number) =>
      (await engine().diagnose(noOverNever({ ...defaultSettings, train: 'both', scale })))[0]?.chosenRate ?? Number.NaN;
    expect(await rate(2.2)).toBeGreaterThan(0);
    expect(await rate(2.216)).toBeLessThan(0);
  });
});
