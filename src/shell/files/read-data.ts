import { PrefscopeError } from '../../core/errors.ts';
import type { ReadOptions } from '../../data/read-records.ts';
import { watchLife } from '../engine/worker-life.ts';
import type { DataEvent, DataJob, DataResults } from './data-jobs.ts';

/** A file could not be read; the message is the reader's. */
class DataJobError extends PrefscopeError {
  override readonly name = 'DataJobError';
}

const broken = 'Reading it took more memory than the browser gives. Open a smaller part of it.';

/**
 * Reads one of the reader's files in a worker that ends with the job; where workers cannot be had, in slices in the page itself. A worker
 * that breaks as it reads, for want of memory, is not followed by the page: that would break, too. Cancelling ends the worker at once.
 */
export async function readData<K extends DataJob['kind']>(
  job: Extract<DataJob, { kind: K }>,
  options: Pick<ReadOptions, 'signal' | 'onProgress'> = {},
): Promise<DataResults[K]> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const here = async () => {
    const { runDataJob } = await import('./data-jobs.ts');
    return (await runDataJob(job, options)) as DataResults[K];
  };
  if (typeof Worker === 'undefined') return here();
  let worker: Worker;
  try {
    worker = new Worker(new URL('./data-worker.ts', import.meta.url), { type: 'module', name: 'prefscope files' });
  } catch {
    return here(); // a sandboxed frame has none
  }
  const ended = new AbortController();
  let cancel = () => {};
  let isLoaded = false;
  try {
    return await new Promise<DataResults[K] | 'no worker'>((resolve, reject) => {
      cancel = () => reject(signal?.reason);
      signal?.addEventListener('abort', cancel);
      worker.onmessage = ({ data }: MessageEvent<DataEvent>) => {
        if ('loaded' in data) isLoaded = true;
        else if ('life' in data) watchLife(data.life, ended.signal, () => reject(new DataJobError(broken)));
        else if ('progress' in data) onProgress?.(...data.progress);
        else if ('error' in data) reject(new DataJobError(data.error));
        else resolve(data.result as DataResults[K]);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        if (isLoaded) reject(new DataJobError(broken));
        else resolve('no worker'); // it could not be loaded
      };
      worker.onmessageerror = () => reject(new DataJobError(broken));
      worker.postMessage(job);
    }).then((result) => (result === 'no worker' ? here() : result));
  } finally {
    signal?.removeEventListener('abort', cancel);
    ended.abort();
    worker.terminate();
  }
}
