import type { Experiment, Pair, TabularPolicy } from '../../core/experiment.ts';
import { defineStudy, type Stage, type Values } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { counted } from '../toys/rounds/counted.ts';

const [prompts, answers, habits] = [20, 30, 3];
/** The right answer, and the mistake that people make here, at every prompt; the base model's habits are the last outcomes. */
const [right, mistake] = [0, 1];

type Plan = (values: Values) => { readonly budget: number; readonly share: number };

const demonstrated = (plan: Plan, values: Values): number => {
  const { budget, share } = plan(values);
  return Math.round(share * budget);
};

/** Answers that people write, each to a prompt that is drawn. */
const demonstrations =
  (plan: Plan): Stage<null> =>
  ({ experiment, seed, values }) => {
    const draws = new Draws(seed, 1);
    const { errors = 0 } = values;
    const pairs = Array.from({ length: demonstrated(plan, values) }, (): Pair => {
      const [prompt, wrong] = [draws.below(prompts), draws.coin(errors)];
      return { prompt, chosen: wrong ? mistake : right, rejected: answers - 1 };
    });
    return { ...experiment, pairs: counted(pairs) };
  };

/** Two answers of the policy that came out of the demonstrations, judged for whether they are right: the rest of the budget. */
const comparisons =
  (plan: Plan): Stage<null> =>
  ({ seed, values }, [before]) => {
    const draws = new Draws(seed, 2);
    const { errors = 0 } = values;
    const logps = before?.outcomeLogps ?? [];
    const logits = Array.from({ length: prompts }, (_, x) => logps.slice(x * answers, (x + 1) * answers));
    const pairs = Array.from({ length: plan(values).budget - demonstrated(plan, values) }, (): Pair[] => {
      const prompt = draws.below(prompts);
      const row = logits[prompt] ?? [];
      const [first, second] = [draws.fromLogits(row), draws.fromLogits(row)];
      if ((first === right) === (second === right)) return [];
      const wrong = first === right ? second : first;
      return [draws.coin(errors) ? { prompt, chosen: wrong, rejected: right } : { prompt, chosen: right, rejected: wrong }];
    }).flat();
    return {
      policy: { kind: 'tabular', logits },
      pairs: counted(pairs),
      objective: { name: 'dpo', params: { beta: 0.1 } },
      optimizer: { kind: 'adam', learningRate: 0.1, steps: 100 },
    };
  };

const spend = (label: string, plan: Plan) => ({ label, train: demonstrations(plan), next: [comparisons(plan)] });

export const study = defineStudy<null>()({
  id: '41-budget',
  finding: 'With a large budget, comparisons pay after demonstrations',
  mechanism:
    'Comparisons here are of answers that the policy itself gives: without demonstrations, almost none of them is right, and there is little to choose. Demonstrations alone are imitated with their mistakes, many of which comparisons can then remove.',
  setup:
    'A policy over 30 answers to each of 20 prompts, three of which, all wrong, the base model gives 98 % of the time. A budget of 4000 demonstrations or comparisons, or of 40; people who write and people who judge are wrong 15 % of the time.',
  headline:
    'Less than a tenth of the budget for SFT gives 15 to 20 % more than none on benchmarks like GSM8K; below 1000 examples, SFT alone is best.',
  leavesOut:
    'Every prompt is learned by itself, so nothing carries over to new ones. A demonstration costs as much as a comparison, and all wrong demonstrations of a prompt make the same mistake. The paper lays the cold start to the shift from the base model to reasoning step by step, on pairs that are, as far as was seen, a fixed set; here it comes of right answers that are rare.',
  tex: '-\\log\\pi_\\theta(y^\\star\\mid x)\\;\\longrightarrow\\;-\\log\\sigma\\Big(\\beta\\log\\frac{\\pi_\\theta(y_w\\mid x)}{\\pi_{\\mathrm{SFT}}(y_w\\mid x)}-\\beta\\log\\frac{\\pi_\\theta(y_l\\mid x)}{\\pi_{\\mathrm{SFT}}(y_l\\mid x)}\\Big)',
  parameters: {
    budget: { label: 'Budget', symbol: 'n', min: 100, max: 10_000, default: 4000, integer: true },
    small: { label: 'Small budget', symbol: 'n_0', min: 10, max: 400, default: 40, integer: true },
    share: { label: 'Share for demonstrations', symbol: 's', min: 0, max: 1, default: 0.1 },
    errors: { label: 'People’s mistakes', symbol: '\\varepsilon', min: 0, max: 0.4, default: 0.15 },
    habit: { label: 'Lead of the base model’s habits', symbol: 'h', min: 0, max: 9, default: 6 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 },
  },
  toy: (_, { habit }) => {
    const base = Array.from({ length: answers }, (_, y) => (y >= answers - habits ? habit : 0));
    const policy: TabularPolicy = { kind: 'tabular', logits: Array.from({ length: prompts }, () => [...base]) };
    const experiment: Experiment = {
      policy,
      pairs: counted([]),
      objective: { name: 'sft' },
      optimizer: { kind: 'adam', learningRate: 0.2, steps: 100 },
    };
    return { experiment, truth: null };
  },
  arms: {
    none: spend('No demonstrations', ({ budget = 0 }) => ({ budget, share: 0 })),
    first: spend('A share first', ({ budget = 0, share = 0 }) => ({ budget, share })),
    half: spend('Half and half', ({ budget = 0 }) => ({ budget, share: 0.5 })),
    all: spend('Demonstrations alone', ({ budget = 0 }) => ({ budget, share: 1 })),
    smallFirst: spend('Small: a share first', ({ small = 0, share = 0 }) => ({ budget: small, share })),
    smallHalf: spend('Small: half and half', ({ small = 0 }) => ({ budget: small, share: 0.5 })),
    smallAll: spend('Small: demonstrations alone', ({ small = 0 }) => ({ budget: small, share: 1 })),
  },
  measures: {
    accuracy: {
      label: 'right answers',
      of: ({ trial: { outcomeLogps = [] } }) =>
        Array.from({ length: prompts }, (_, x) => Math.exp(outcomeLogps[x * answers + right] ?? Number.NaN)).reduce((a, b) => a + b, 0) /
        prompts,
    },
    telling: {
      label: 'comparisons with a right and a wrong answer, per prompt',
      arms: ['none', 'first', 'half', 'smallFirst', 'smallHalf'],
      of: ({ trained }) => ('pairs' in trained ? trained.pairs.reduce((sum, { weight = 1 }) => sum + weight, 0) / prompts : Number.NaN),
    },
  },
  plot: { kind: 'law', y: 'accuracy', over: 'share', at: [0, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1], arms: ['first', 'smallFirst'] },
  claims: [
    {
      id: 'cold-start',
      statement:
        'With 4000 to spend, a tenth of it on demonstrations first makes, in most seeds, at least 37 percentage points more of the answers right than none.',
      where: 'cold start without SFT',
      kind: 'empirical',
      refutedBy: 'a smaller gain in more than a tenth of the seeds',
      left: ['first', 'accuracy'],
      right: ['none', 'accuracy'],
      by: { share: 0.9 },
      bound: { atLeast: 0.37 },
      because:
        'demonstrations alone reach 85 %; without them, 400 answers to each prompt hold a right one for 28 % of the prompts, with a deviation of 10 %, of which two are granted',
      expected: 'holds',
    },
    {
      id: 'small-budget',
      statement:
        'With 40 to spend, on average demonstrations alone make at least 10 percentage points more of the answers right than half of each.',
      where: 'budgets below 1000 examples',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['smallAll', 'accuracy'],
      right: ['smallHalf', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'half of 85 % of the 23 % of prompts that 40 draws reach and 20 do not; the other half is what comparisons could make good',
      expected: 'holds',
    },
    {
      id: 'large-budget',
      statement:
        'With 4000 to spend, a tenth on demonstrations and the rest on comparisons makes, in most seeds, at least 7.5 percentage points more of the answers right than demonstrations alone, which leave about 15 % wrong.',
      where: 'large budgets',
      kind: 'empirical',
      refutedBy: 'a gain below 7.5 points in more than a fifth of the seeds',
      left: ['first', 'accuracy'],
      right: ['all', 'accuracy'],
      by: { share: 0.8 },
      bound: { atLeast: 0.075 },
      because: 'who imitates people errs as they do, 15 % of the time; half of that',
      expected: 'holds',
    },
    {
      id: 'nothing-to-choose',
      statement:
        'With 4000 to spend, a tenth of it on demonstrations first, each prompt has on average at least 23 more comparisons of a right answer with a wrong one than without, in most seeds.',
      where: 'why DPO on the base model starts cold',
      kind: 'toy',
      refutedBy: 'fewer in more than a tenth of the seeds',
      left: ['first', 'telling'],
      right: ['none', 'telling'],
      by: { share: 0.9 },
      bound: { atLeast: 23 },
      because:
        'of 180 comparisons of answers that are right as often as people’s, 2 · 0.85 · 0.15 tell, 46; of 200 of the base model’s, one in three prompts has one. Half of that difference',
      expected: 'holds',
    },
    {
      id: 'mostly-comparisons',
      statement:
        'With 4000 to spend, nine comparisons for each demonstration make on average 1.5 percentage points more of the answers right than as many of each.',
      where: 'what share large budgets want',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['first', 'accuracy'],
      right: ['half', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0.015 },
      because: 'a tenth of people’s mistakes: a choice between the two that is worth less is none',
      expected: 'does not hold',
      instead:
        'Either split leaves at most 3 % wrong on average: tens of telling comparisons are enough for a prompt. With a tenth on demonstrations about one prompt in twenty has hardly any, as none of its few demonstrations is wrong; half and half ends about a point ahead.',
    },
  ],
  seeds: { page: 29, test: 3 },
});
