import type { FurtherKernels } from '../../backend.ts';
import { randomWords as shader } from '../generated/random_words.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchRandomWords(recorder: Recorder, task: Parameters<FurtherKernels['randomWords']>[0]): void {
  const { length, seed, stream, round, words } = task;
  recorder.dispatch(shader, 'random_words', {
    params: { length, seed, stream, round },
    bindings: { words },
    invocations: Math.ceil(length / 4),
  });
}
