import type { Backend } from '../../backend.ts';
import { sequenceLogps as shader } from '../generated/sequence_logps.ts';
import type { Recorder } from '../recorder.ts';

type Task = Parameters<Backend['sequenceLogps']>[0];

export function dispatchSequenceLogps(recorder: Recorder, task: Task): void {
  const { sequences, positions, columns, logits, tokens, mask, stats, logps } = task;
  recorder.dispatch(shader, 'sequence_logps', {
    params: { sequences, positions, columns },
    bindings: { logits, tokens, mask, stats, logps },
    invocations: sequences,
  });
}
