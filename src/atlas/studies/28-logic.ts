import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';

/** log Pr(winner true) and log Pr(loser true) of each point, two independent propositions. */
interface Truth {
  readonly points: (readonly [winner: number, loser: number])[];
}

/** Largest distance of the engine's losses from -log of a share of model counts. */
const distance =
  (count: (winner: number, loser: number) => number) =>
  ({ trial, truth }: Run<Truth>): number => {
    const losses = trial.steps?.[0]?.losses ?? [];
    return Math.max(...truth.points.map(([w, l], i) => Math.abs((losses[i] ?? Number.NaN) + Math.log(count(w, l)))));
  };

const exclusive = (w: number, l: number): number => w * (1 - l) + (1 - w) * l;
const rounding = { atMost: 1e-4 } as const;
const becauseRounding =
  'a 32-bit log-probability of at least log 0.01 is off by at most 3 · 2⁻²⁴ · 4.6, and 1 − p at p ≤ 0.98 makes that 49 times as large, in either response: 8e-5; a wrong formula is off by a tenth and more';

export const study = defineStudy<Truth>()({
  id: '28-logic',
  finding: 'Some preference losses are sentences, counted',
  mechanism:
    'Each of three losses here is minus the logarithm of a share of cases, winner and loser each true or false, weighed by their probability. Two ask how likely “the winner is true and the loser is not” is, of all cases or of those where exactly one is; CPO counts “both are true” on either side as well.',
  setup: 'Two propositions, winner and loser, with probabilities drawn at 300 points whose sum is below 1; the engine’s losses there.',
  leavesOut:
    'The paper has many more losses, with a reference and without, and orders them; here are three, all without. Each answer is one proposition with one probability; ORPO takes the geometric mean over an answer’s tokens.',
  tex: '-\\log\\Pr(w\\wedge\\neg l\\mid w\\oplus l)=-\\log\\sigma\\Big(\\log\\frac{p_w}{1-p_w}-\\log\\frac{p_l}{1-p_l}\\Big)',
  parameters: { points: { label: 'Points', symbol: 'n', min: 10, max: 3000, default: 300, integer: true } },
  toy: (seed, { points }) => {
    const draws = new Draws(seed);
    const drawn = Array.from({ length: points }, () => {
      const [a, b] = [0.01 + 0.97 * draws.uniform(), 0.01 + 0.97 * draws.uniform()];
      return (a + b < 0.98 ? [a, b] : [0.99 - a, 0.99 - b]) as [number, number];
    });
    return {
      experiment: {
        policy: { kind: 'tabular', logits: drawn.map(([w, l]) => [Math.log(w), Math.log(l), Math.log(1 - w - l)]) },
        pairs: drawn.map((_, prompt) => ({ prompt, chosen: 0, rejected: 1 })),
        objective: { name: 'orpo' },
        optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
      },
      truth: { points: drawn },
    };
  },
  arms: {
    odds: {
      label: 'ORPO’s odds ratio',
      train: ({ experiment }) => ({
        ...experiment,
        objective: { expression: '-logsigmoid((logp_w - log1mexp(logp_w)) - (logp_l - log1mexp(logp_l)))' },
      }),
    },
    cpo: { label: 'CPO', train: ({ experiment }) => ({ ...experiment, objective: { name: 'cpo', params: { beta: 1, alpha: 0 } } }) },
    unlikelihood: {
      label: 'Cross-entropy and unlikelihood',
      train: ({ experiment }) => ({ ...experiment, objective: { expression: '-logp_w - log1mexp(logp_l)' } }),
    },
  },
  measures: {
    exclusive: {
      label: 'distance from −log Pr(w ∧ ¬l | w ⊕ l)',
      of: distance((w, l) => (w * (1 - l)) / exclusive(w, l)),
    },
    twice: {
      label: 'distance from −log of w against l, both rows of each counted',
      of: distance((w, l) => (w * (1 - l) + w * l) / (w * (1 - l) + w * l + (1 - w) * l + w * l)),
    },
    conjunction: { label: 'distance from −log Pr(w ∧ ¬l)', of: distance((w, l) => w * (1 - l)) },
    total: { label: 'loss, mean over the points', of: ({ trial }) => trial.steps?.[0]?.loss ?? Number.NaN },
  },
  plot: { kind: 'bars', y: 'total' },
  claims: [
    {
      id: 'odds-ratio',
      statement:
        'Of two independent propositions, ORPO’s odds-ratio loss is −log of the chance that the winner is the true one, given that exactly one is.',
      where: 'the semantics of ORPO',
      kind: 'identity',
      refutedBy: 'one point where the two differ beyond rounding',
      left: ['odds', 'exclusive'],
      by: 'each',
      bound: rounding,
      because: becauseRounding,
      expected: 'holds',
    },
    {
      id: 'counted-twice',
      statement: 'CPO’s loss, with β = 1 and without its likelihood term, counts the case that both are true on either side.',
      where: 'the semantics of CPO',
      kind: 'identity',
      refutedBy: 'one point where the two differ beyond rounding',
      left: ['cpo', 'twice'],
      by: 'each',
      bound: rounding,
      because: becauseRounding,
      expected: 'holds',
    },
    {
      id: 'taken-together',
      statement: 'Cross-entropy with unlikelihood asks for both at once: the winner true and the loser false.',
      where: 'the semantics of unlikelihood',
      kind: 'identity',
      refutedBy: 'one point where the two differ beyond rounding',
      left: ['unlikelihood', 'conjunction'],
      by: 'each',
      bound: rounding,
      because: becauseRounding,
      expected: 'holds',
    },
    {
      id: 'stronger',
      statement: 'What entails more costs more: the conjunction’s loss is never below the odds ratio’s.',
      where: 'the order of losses by entailment',
      kind: 'identity',
      refutedBy: 'one seed where the mean loss of the weaker demand is the larger',
      left: ['unlikelihood', 'total'],
      right: ['odds', 'total'],
      by: 'each',
      bound: { atLeast: 0 },
      because: 'a proof, at every point: dividing by a probability only lowers the loss',
      expected: 'holds',
    },
  ],
  record: [0],
  seeds: { page: 5, test: 2 },
});
