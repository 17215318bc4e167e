import { type BackendKind, type Engine, openEngine } from '../index.ts';
import { openPageEngine, type PageEngine } from '../shell/engine/page-engine.ts';
import { PageEngineOwner } from '../shell/engine/page-engine-owner.svelte.ts';
import { readDisplacement } from '../views/displacement/displacement-link.ts';
import { displacementPlace } from '../views/displacement/place.ts';
import { Session } from '../views/displacement/session.svelte.ts';
import { readerOfAddress } from './links.ts';
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

/**
 * The run of the page's displacement view, for its panels as cells: the experiment and the step of the address, trained at once. Its
 * engine serves the other cells as well.
 */
export async function pageSession(): Promise<{ session: Session; engine: PageEngine }> {
  const reader = readerOfAddress(displacementPlace);
  const owner = new PageEngineOwner(backend);
  const session = await Session.create(owner, { calm: true, whole: true, link: readDisplacement(reader) });
  owner.onchange = () => session.changeEngine();
  status.problems = reader.finish();
  await owner.open();
  const { engine } = owner;
  if (!engine) throw new Error('No engine could be opened.');
  status.engine = engine;
  return { session, engine };
}
