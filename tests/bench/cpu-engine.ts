import { openPageEngine, type PageEngine } from '../../src/shell/engine/page-engine.ts';
import { type Engine, openEngine } from '../../src/train/engine.ts';
import type { Contestant, Prepared } from './contestant.ts';
import { sweepOf, trialsOf } from './prefscope.ts';
import { isRuns, type RunsTask, runsOf } from './tasks.ts';

/** Experiments of a list at most: each is an object of its own, and travels to every worker. */
const mostTrials = 16384;

type Call = (engine: Pick<Engine, 'sweep' | 'trials'>, task: RunsTask) => () => Promise<ArrayLike<number>>;

const callSweep: Call = (engine, task) => {
  const sweep = sweepOf(task);
  return async () => (await engine.sweep(sweep)).margin;
};

const callTrials: Call = (engine, task) => {
  const experiments = trialsOf(task);
  return async () => (await engine.trials(experiments, { measures: ['margin'] })).map(({ measures }) => measures.margin ?? Number.NaN);
};

function prepare(engine: Engine | PageEngine, name: string, call: Call, task: RunsTask): Prepared {
  const compute = call(engine, task);
  let margins: ArrayLike<number> = [];
  const enqueue = async () => {
    margins = await compute();
  };
  return {
    ways: [{ name, enqueue, done: () => Promise.resolve(), read: async () => ({ margins }) }],
    dispose: () => engine.dispose(),
  };
}

/** This project on the CPU engine, float64: in the page's own thread, and in a worker for each core; maps, and the same runs as a list. */
export const cpuEngines: readonly Contestant[] = (
  [
    ['CPU engine', () => openEngine({ backend: 'cpu' })],
    ['CPU engine, every core', () => openPageEngine({ backend: 'cpu' })],
  ] as const
).flatMap(([name, open]): Contestant[] => [
  { name, prepare: async (task) => (isRuns(task) ? prepare(await open(), 'engine.sweep', callSweep, task) : null) },
  {
    name: `${name}, trials`,
    prepare: async (task) => (isRuns(task) && runsOf(task) <= mostTrials ? prepare(await open(), 'engine.trials', callTrials, task) : null),
  },
]);
