import { openPageEngine, type PageEngine } from '../app/page-engine.ts';
import { type BackendKind, type Engine, openEngine } from '../index.ts';
import { status } from './status.svelte.ts';

const asked = new URLSearchParams(location.search).get('engine');

/** What the address asks for with ?engine=; without, WebGPU where there is an adapter. */
export const backend: BackendKind | 'auto' = asked === 'cpu' || asked === 'webgpu' ? asked : 'auto';

/** An engine in a worker, so that the notebook answers while it trains: train, sweep, diagnose, startRun, trainOnPolicy, matchTarget. */
export async function engineInWorker(): Promise<PageEngine> {
  const engine = await openPageEngine({ backend });
  status.engine = engine;
  return engine;
}

/** An engine in the notebook's own thread, for tensors and kernels. */
export async function engineHere(): Promise<Engine> {
  const engine = await openEngine({ backend });
  status.engine = engine;
  return engine;
}
