import { type Engine, openEngine } from '../train/engine.ts';
import type { TrainingRun } from '../train/run.ts';
import { type EngineEvent, type EngineReply, type EngineRequest, plainError } from './engine-protocol.ts';

let engine: Engine | null = null;
const runs = new Map<number, TrainingRun>();
let started = 0;

const say = (event: EngineEvent): void => globalThis.postMessage(event);

function opened(): Engine {
  if (!engine) throw new Error('No engine is open.');
  return engine;
}

function runOf(id: number): TrainingRun {
  const run = runs.get(id);
  if (!run) throw new Error(`There is no run ${id}.`);
  return run;
}

async function answer(request: EngineRequest): Promise<EngineReply> {
  switch (request.call) {
    case 'open': {
      engine = await openEngine({ backend: request.backend });
      void engine.lost.then((error) => say({ lost: plainError(error) }));
      const { backend, adapter, fallbackReason } = engine;
      return { call: 'open', value: { backend, adapter, fallbackReason } };
    }
    case 'startRun': {
      const run = await opened().startRun(request.experiment);
      const id = started++;
      runs.set(id, run);
      return { call: 'startRun', value: id };
    }
    case 'advance': {
      const run = runOf(request.run);
      const steps = await run.advance(request.updates, request.record);
      return { call: 'advance', value: { step: run.step, steps } };
    }
    case 'parameters':
      return { call: 'parameters', value: await runOf(request.run).parameters() };
    case 'disposeRun':
      runOf(request.run).dispose();
      runs.delete(request.run);
      return { call: 'disposeRun', value: null };
    default:
      return request satisfies never;
  }
}

globalThis.onmessage = ({ data: request }: MessageEvent<EngineRequest>) => {
  answer(request).then(
    (reply) => say({ id: request.id, reply }),
    (error: unknown) => say({ id: request.id, error: plainError(error) }),
  );
};
