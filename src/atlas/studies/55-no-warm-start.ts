import { mean } from '../../core/numerics.ts';
import { dot } from '../../core/vectors.ts';
import { distributionsOf } from '../measures.ts';
import { type Arm, defineStudy, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [prompts, answers, dimensions, favoured] = [20, 30, 10, 3];
/** A bias of the base as one more feature, so small with so large a weight that Adam moves what it adds by 0.2 % at most. */
const held = 1e3;

interface Truth {
  /** [prompt][dimension] */
  readonly hidden: number[][];
  /** [prompt][answer] */
  readonly rewards: number[][];
  /** [prompt] the answer that is asked for */
  readonly best: number[];
  /** [answer][dimension, and the bias] */
  readonly base: number[][];
}

const policyOf = ({ hidden }: Truth, unembedding: number[][]) =>
  ({ kind: 'features', hidden: hidden.map((row) => [...row, 1 / held]), unembedding, train: 'unembedding' }) as const;

/** Pairs that the policy with these weights draws itself, labelled by the true reward; and a loss on them, which starts there. */
const alignWith =
  (name: string): Stage<Truth> =>
  ({ truth, seed, values: { beta = 0.1, pairs = 0 } }, [sft]) => {
    const draws = new Draws(seed, 1);
    const flat = Array.from(sft?.final['unembedding'] ?? []);
    const weights = sft ? truth.base.map((_, y) => flat.slice((dimensions + 1) * y, (dimensions + 1) * (y + 1))) : truth.base;
    const logits = truth.hidden.map((row) => weights.map((w) => dot(w, [...row, 1 / held])));
    return {
      policy: policyOf(truth, weights),
      pairs: Array.from({ length: pairs }, () => {
        const prompt = draws.below(prompts);
        const [a, b] = draws.two(answers, logits[prompt]);
        const isBetter = (truth.rewards[prompt]?.[a] ?? 0) > (truth.rewards[prompt]?.[b] ?? 0);
        return { prompt, chosen: isBetter ? a : b, rejected: isBetter ? b : a };
      }),
      objective: { name, params: { beta } },
      optimizer: { kind: 'adam', learningRate: 0.03, steps: 50 },
    };
  };

const first: Stage<Truth> = ({ experiment }) => experiment;
const warm = (label: string, name: string): Arm<Truth> => ({ label: `SFT, then ${label}`, train: first, next: [alignWith(name)] });
const cold = (label: string, name: string): Arm<Truth> => ({ label: `${label} alone`, train: alignWith(name) });

const claimOf = <const W extends string, const C extends string>(label: string, left: W, right: C) =>
  ({
    id: right,
    statement: `With SFT on 100 demonstrations before it, ${label} on its own samples ends, in most seeds, with at least 0.3 more probability on the right answers than without it.`,
    where: 'whether alignment needs SFT first',
    kind: 'toy',
    refutedBy: 'surely fewer than four seeds in five in which it does',
    left: [left, 'accuracy'],
    right: [right, 'accuracy'],
    by: { share: 0.8 },
    bound: { atLeast: 0.3 },
    because: 'nearly a third of all that can be had',
    expected: 'holds',
  }) as const;

export const study = defineStudy<Truth>()({
  id: '55-no-warm-start',
  finding: 'Without SFT, self-sampled pairs can lack right answers',
  mechanism:
    'On the policy’s own samples, a preference loss compares only what comes up. Where the right answer hardly ever does, few pairs hold it, and a stage of imitation can first put it there.',
  setup:
    'Twenty prompts, thirty answers, one matrix of weights for all prompts; the base favours up to three answers whatever the prompt; 100 demonstrations, then 200 pairs of the policy’s own samples.',
  leavesOut:
    'The paper’s pairs are a fixed set, not the policy’s own samples; on MT-Bench it found KTO and CPO without SFT about as good as with it, which this toy does not show. One base, without any skill: an instruction-tuned start, and truthfulness, which the paper tests, cannot be shown here.',
  tex: '\\mathcal L_{\\mathrm{DPO}},\\quad\\Big(h-\\frac1{2\\beta}\\Big)^2,\\quad\\mathcal L_{\\mathrm{KTO}},\\quad-\\log\\sigma(\\beta\\,\\Delta\\log\\pi)-\\log\\pi_w',
  parameters: {
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 },
    pairs: { label: 'Pairs', symbol: 'n', min: 50, max: 2000, default: 200, integer: true },
  },
  toy: (seed) => {
    const draws = new Draws(seed);
    const [hidden, asked] = [draws.normalRows(prompts, dimensions), draws.normalRows(answers, dimensions)];
    const rewards = hidden.map((row) => asked.map((w) => dot(w, row)));
    const best = rewards.map((row) => row.indexOf(Math.max(...row)));
    const base = draws.normalRows(answers, dimensions, 0.1).map((row) => [...row, 0]);
    for (let i = 0; i < favoured; i++) (base[draws.below(answers)] as number[])[dimensions] = 4 * held;
    const truth = { hidden, rewards, best, base };
    return {
      experiment: {
        policy: policyOf(truth, base),
        pairs: Array.from({ length: 100 }, () => {
          const prompt = draws.below(prompts);
          const chosen = best[prompt] ?? 0;
          return { prompt, chosen, rejected: draws.other(chosen, answers) };
        }),
        objective: { name: 'sft' },
        optimizer: { kind: 'adam', learningRate: 0.02, steps: 60 },
      },
      truth,
    };
  },
  arms: {
    warmDpo: warm('DPO', 'dpo'),
    dpo: cold('DPO', 'dpo'),
    sft: { label: 'SFT alone', train: first },
    warmIpo: warm('IPO', 'ipo'),
    ipo: cold('IPO', 'ipo'),
    warmKto: warm('KTO', 'kto'),
    kto: cold('KTO', 'kto'),
    warmCpo: warm('CPO', 'cpo'),
    cpo: cold('CPO', 'cpo'),
  },
  measures: {
    accuracy: {
      label: 'probability of the right answer',
      of: (run) => mean(distributionsOf(run).map((row, x) => Math.exp(row[run.truth.best[x] ?? 0] ?? Number.NaN))),
    },
  },
  plot: { kind: 'bars', y: 'accuracy' },
  claims: [
    claimOf('DPO', 'warmDpo', 'dpo'),
    claimOf('IPO', 'warmIpo', 'ipo'),
    claimOf('KTO', 'warmKto', 'kto'),
    claimOf('CPO', 'warmCpo', 'cpo'),
  ],
  seeds: { page: 16, test: 3 },
});
