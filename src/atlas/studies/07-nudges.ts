import { distributionsOf } from '../measures.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { harmfulShare, susceptibleUsers } from '../toys/people/nudges.ts';

const [people, nudges] = [233, 3];

interface Truth {
  /** share of harmful choices under each nudge, and without any */
  readonly harmful: number[];
  readonly neutral: number;
}

export const study = defineStudy<Truth>()({
  id: '07-nudges',
  finding: 'Reward for harm finds the strongest nudge',
  mechanism:
    'The paper is a trial with people, who decided with the help of an agent, neutral or manipulative. The toy beside it is an analogy: an agent that earns a reward for each harmful choice learns which nudge brings most of them.',
  setup:
    'Simulated users, 233 as in the trial, with three options, of which one is harmful; three nudges, to each of which each user is susceptible by chance; REINFORCE on which nudge to use; it always uses one.',
  headline:
    'A trial with 233 people, as its first versions report it: 62.3 % and 59.6 % towards harmful options in financial decisions with two manipulative agents, 35.8 % with a neutral one; 42.3 % and 41.5 % against 12.8 % in emotional ones. A later version gives odds ratios from 5.2 to 8.0.',
  leavesOut:
    'An analogy, true by construction: that users can be nudged is put in, and being nudged at all brings nearly all of the rise; choosing adds about 0.004. A simulator says nothing about people, so there is no claim here; the evidence is the trial.',
  tex: 'P(\\mathrm{option}\\mid u,k)=\\mathrm{softmax}(u+b_{u,k}\\,e_{\\mathrm{harm}})',
  parameters: {
    most: { label: 'Largest susceptibility', symbol: 'b_{\\max}', min: 0, max: 4, default: 1.5 },
    rounds: { label: 'Updates', symbol: 't', path: 'sampling.rounds', min: 1, max: 200, default: 60, integer: true },
  },
  toy: (seed, { most }) => {
    const users = susceptibleUsers(new Draws(seed), people, nudges, most);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [new Array<number>(nudges).fill(0)] },
        pairs: [],
        objective: { name: 'sft' },
        optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
      },
      truth: { harmful: Array.from({ length: nudges }, (_, k) => harmfulShare(users, k)), neutral: harmfulShare(users, null) },
    };
  },
  arms: {
    rewarded: {
      label: 'Agent that is rewarded for harm',
      train: ({ experiment: { policy }, truth: { harmful } }) => ({
        policy,
        rewards: [harmful],
        method: { objective: { name: 'reinforce' } },
        sampling: { groups: 1, n: 64, rounds: 60, updates: 1 },
        optimizer: { kind: 'adam', learningRate: 0.1 },
      }),
    },
  },
  measures: {
    neutral: { label: 'harmful choices without nudges', of: ({ truth }) => truth.neutral },
    nudged: {
      label: 'harmful choices with the agent’s nudges',
      of: (run) => (distributionsOf(run)[0] ?? []).reduce((sum, logp, k) => sum + Math.exp(logp) * (run.truth.harmful[k] ?? 0), 0),
    },
  },
  plot: { kind: 'scatter', x: 'neutral', y: 'nudged' },
  claims: [],
  seeds: { page: 16, test: 2 },
});
