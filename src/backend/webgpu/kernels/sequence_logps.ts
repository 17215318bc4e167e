import type { Backend } from '../../backend.ts';
import { sequenceLogps as shader } from '../generated/sequence_logps.ts';
import type { Recorder } from '../recorder.ts';
import { rowRanges, rowsOf } from '../row-ranges.ts';

type Task = Parameters<Backend['sequenceLogps']>[0];

export function dispatchSequenceLogps(recorder: Recorder, task: Task): void {
  const { sequences, positions, columns, logps } = task;
  const tokenLogps = recorder.create('float', sequences * positions, 'undefined');
  for (const range of rowRanges(sequences * positions, columns, recorder.maxBinding)) {
    recorder.dispatch(shader, 'sequence_logps_tokens', {
      params: { rows: range.count, positions, columns },
      bindings: {
        logits: rowsOf(task.logits, range, columns),
        tokens: rowsOf(task.tokens, range, 1),
        mask: rowsOf(task.mask, range, 1),
        stats: rowsOf(task.stats, range, 2),
        token_logps: rowsOf(tokenLogps, range, 1),
      },
      invocations: range.count,
    });
  }
  recorder.dispatch(shader, 'sequence_logps_sum', {
    params: { rows: sequences, positions, columns },
    bindings: { token_logps: tokenLogps, logps },
    invocations: sequences,
  });
  tokenLogps.dispose();
}
