// What the engine fetches when it is asked for stands here, so that it is there.
import '../../src/backend/cpu/further-kernels.ts';
import '../../src/backend/webgpu/further-kernels.ts';
import '../../src/backend/webgpu/webgpu-backend.ts';
import '../../src/train/sweep/sweep.ts';
import '../../src/train/trials/trials.ts';
import { coldContestants, type Folders } from './contestants.ts';
import { makeTask, nameOf, quickShapes, shapes } from './tasks.ts';

/** Milliseconds of a contestant's first call in a page that has run nothing else: opening and compiling included, fetching code not. */
export async function benchmarkCold(folders: Folders, contestant: string, shapeName: string): Promise<number> {
  const shape = [...shapes, ...quickShapes].find((one) => nameOf(one) === shapeName);
  const found = coldContestants(folders).find(({ name }) => name === contestant);
  if (!shape || !found) throw new Error(`There is no ${contestant} at ${shapeName}.`);
  const task = makeTask(shape);
  const open = await found.load();
  const began = performance.now();
  const prepared = await (await open()).prepare(task);
  const way = prepared?.ways[0];
  if (!way) throw new Error(`${contestant} does not do ${shapeName}.`);
  await way.enqueue();
  await way.done();
  await way.read();
  return performance.now() - began;
}
