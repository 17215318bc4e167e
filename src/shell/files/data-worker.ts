import { messageOf } from '../../core/message-of.ts';
import { holdLife } from '../engine/worker-life.ts';
import { buffersOf, type DataEvent, type DataJob, runDataJob } from './data-jobs.ts';

const say = (event: DataEvent, transfer: ArrayBuffer[] = []): void => globalThis.postMessage(event, { transfer });

const held = holdLife((life) => say({ life }));

globalThis.onmessage = ({ data: job }: MessageEvent<DataJob>) => {
  // Nobody else uses this thread: no need to pause between slices.
  held
    .then(() => runDataJob(job, { onProgress: (done, total) => say({ progress: [done, total] }), yieldNow: async () => {} }))
    .then(
      (result) => say({ result }, buffersOf(result)),
      (error: unknown) => say({ error: messageOf(error) }),
    );
};

// From here on an error is the job's, and not that the worker could not be had.
say({ loaded: true });
