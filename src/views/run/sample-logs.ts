import { defaultSettings, noOverNever } from '../../atlas/toys/displacement/no-over-never.ts';
import type { Experiment, RecordedStep } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { type BigramHyperparameters, bigramExperiment, tokenisePairs } from '../../data/bigram-experiment.ts';
import { parsePreferencePairs } from '../../data/pairs/parse-preference-pairs.ts';
import { samplePairsJsonl } from '../../data/sample-pairs.ts';
import { openEngine } from '../../train/engine.ts';

/** A run of the page's own, written as a trainer logs it. */
export interface SampleLog {
  readonly id: string;
  /** what it is called beside its picture */
  readonly words: string;
  readonly about: string;
  /** JSONL, as of TRL */
  readonly text: string;
  /** [rows] rewards, for its picture */
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

/** An objective of the catalogue. */
interface Named {
  readonly name: string;
  readonly params: Readonly<Record<string, number>>;
}

interface Recipe {
  /** sixteen invented pairs; else the toy's one */
  readonly on?: 'pairs';
  readonly id: string;
  readonly words: string;
  readonly about: string;
  readonly objective: Named;
  readonly learningRate: number;
  readonly steps: number;
  /** updates from one row to the next */
  readonly every: number;
}

const dpo = (beta = 0.1): Named => ({ name: 'dpo', params: { beta } });

/** What a log can show, each from a run of the toy. */
const recipes: readonly Recipe[] = [
  {
    id: 'as-hoped',
    words: 'As hoped',
    about: 'chosen rises, rejected falls',
    on: 'pairs',
    objective: { name: 'rpo', params: { beta: 0.1, alpha: 1 } },
    learningRate: 10,
    steps: 100,
    every: 5,
  },
  { id: 'both-fall', words: 'Both fall', about: 'rejected falls faster', objective: dpo(), learningRate: 1, steps: 100, every: 5 },
  {
    id: 'both-rise',
    words: 'Both rise',
    about: 'likelihood outweighs the gap',
    objective: { name: 'rpo', params: { beta: 0.5, alpha: 10 } },
    learningRate: 0.03,
    steps: 20,
    every: 1,
  },
  { id: 'stuck-at-ln2', words: 'Nothing moves', about: 'the loss stays at ln 2', objective: dpo(), learningRate: 0, steps: 100, every: 5 },
  {
    id: 'margins-explode',
    words: 'Margin runs away',
    about: 'far past 10',
    // its slope never vanishes
    objective: { name: 'robust', params: { beta: 1, labelSmoothing: 0.1 } },
    learningRate: 1,
    steps: 200,
    every: 10,
  },
  {
    id: 'nan',
    words: 'It breaks',
    about: 'numbers that are not finite',
    objective: { name: 'ipo', params: { beta: 0.1 } },
    learningRate: 1,
    steps: 400,
    every: 5,
  },
];

/** Rows of a log out of the states of a run. Rewards are β·(log π − log π_ref), and the reference is where training began. */
function logOf(steps: readonly RecordedStep[], { beta, rate, epochs }: { beta: number; rate: number; epochs: number | null }) {
  const [start] = steps;
  if (!start) throw new Error('The run has no states.');
  const last = steps.at(-1)?.step ?? 1;
  const rows = steps.map((state) => {
    const rewards = (side: 'chosenLogps' | 'rejectedLogps'): number[] =>
      Array.from(state[side], (value, i) => beta * (value - (start[side][i] ?? Number.NaN)));
    const [chosen, rejected] = [rewards('chosenLogps'), rewards('rejectedLogps')];
    return {
      loss: state.loss,
      'rewards/chosen': mean(chosen),
      'rewards/rejected': mean(rejected),
      'rewards/margins': mean(chosen) - mean(rejected),
      ...(epochs === null ? {} : { 'rewards/accuracies': mean(chosen.map((value, i) => Number(value > (rejected[i] ?? Number.NaN)))) }),
      'logps/chosen': mean(Array.from(state.chosenLogps)),
      'logps/rejected': mean(Array.from(state.rejectedLogps)),
      // plain descent on a toy: its rate says nothing beside a trainer's, but that nothing moves at 0
      ...(rate === 0 ? { learning_rate: 0 } : {}),
      beta,
      ...(epochs === null ? {} : { epoch: (epochs * state.step) / last }),
      step: state.step,
    };
  });
  return {
    // as Python writes what is not finite
    text: `${rows
      .map(
        (row) =>
          `{${Object.entries(row)
            .map(([name, value]) => `${JSON.stringify(name)}: ${pythonNumber(value)}`)
            .join(', ')}}`,
      )
      .join('\n')}\n`,
    chosen: rows.map((row) => row['rewards/chosen']),
    rejected: rows.map((row) => row['rewards/rejected']),
  };
}

const pythonNumber = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value > 0 ? 'Infinity' : '-Infinity';

const every = (steps: number, each: number): number[] => Array.from({ length: Math.floor(steps / each) + 1 }, (_, i) => i * each);

async function onPairs(trained: BigramHyperparameters): Promise<Experiment> {
  const { pairs } = await parsePreferencePairs(samplePairsJsonl);
  return bigramExperiment(tokenisePairs(pairs, { maxTokens: 48, maxWords: 255 }), trained);
}

let made: Promise<readonly SampleLog[]> | null = null;

/** The toy's logs: trained once, on the CPU engine. */
export function sampleLogs(): Promise<readonly SampleLog[]> {
  made ??= (async () => {
    const engine = await openEngine({ backend: 'cpu' });
    try {
      const logs: SampleLog[] = [];
      for (const { id, words, about, on, objective, learningRate, steps, every: each } of recipes) {
        const trained = { objective, learningRate, steps };
        const start = on === 'pairs' ? await onPairs(trained) : noOverNever({ ...defaultSettings, ...trained });
        const run = await engine.train({ ...start, record: every(steps, each) });
        const beta = objective.params['beta'] ?? 0.1;
        logs.push({ id, words, about, ...logOf(run.steps, { beta, rate: learningRate, epochs: null }) });
      }
      return logs;
    } finally {
      engine.dispose();
    }
  })();
  made.catch(() => {
    made = null;
  });
  return made;
}

/** Settings of the larger example: DPO on the sample's sixteen pairs, whose chosen responses rise at first and fall then. */
const example = { objective: dpo(), learningRate: 100, steps: 100 };

/** A log of a run on the sample's pairs, a row every second update. */
export async function exampleLog(): Promise<string> {
  const engine = await openEngine({ backend: 'cpu' });
  try {
    const { steps } = await engine.train({ ...(await onPairs(example)), record: every(example.steps, 2) });
    return logOf(steps, { beta: 0.1, rate: example.learningRate, epochs: example.steps }).text;
  } finally {
    engine.dispose();
  }
}
