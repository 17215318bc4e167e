import { type LogpFacts, logpFacts } from '../../data/logps/margin-summary.ts';
import { type PairLogps, readPairLogps } from '../../data/logps/pair-logps.ts';
import { type HiddenChes, readHiddenChes } from '../../data/open/hidden-ches.ts';
import { readData } from '../../data/read-data.ts';
import type { ReadData } from '../../data/read-data-types.ts';
import type { ReadOptions } from '../../data/read-records.ts';

/** The reader's files, and what is read from them. A file does not leave the page: the jobs run in a worker of its own. */
export type DataJob =
  | { readonly kind: 'any'; readonly file: Blob; readonly name: string; readonly maxRows: number }
  | { readonly kind: 'logps'; readonly file: Blob }
  | { readonly kind: 'hidden'; readonly chosen: Blob; readonly rejected: Blob };

export interface DataResults {
  /** of pairs, responses and log-probs at most `maxRows` */
  any: ReadData;
  logps: PairLogps & { readonly facts: LogpFacts };
  hidden: HiddenChes;
}

export async function runDataJob(job: DataJob, options: ReadOptions): Promise<DataResults[DataJob['kind']]> {
  switch (job.kind) {
    case 'any': {
      const data = await readData({ name: job.name, bytes: job.file }, options);
      if (data.kind === 'pairs') return { ...data, pairs: data.pairs.slice(0, job.maxRows) };
      return data.kind === 'unpaired' || data.kind === 'logps' ? ({ ...data, rows: data.rows.slice(0, job.maxRows) } as ReadData) : data;
    }
    case 'logps': {
      const logps = await readPairLogps(job.file, options);
      return { ...logps, facts: logpFacts(logps) };
    }
    case 'hidden':
      return readHiddenChes(job, options);
    default:
      return job satisfies never;
  }
}

/** What the worker says of its one job. */
export type DataEvent =
  | { readonly loaded: true }
  /** the lock that it holds while it lives */
  | { readonly life: string }
  | { readonly progress: readonly [done: number, total: number] }
  | { readonly result: DataResults[DataJob['kind']] }
  | { readonly error: string };

/** The buffers of every typed array in a result: handed over, not copied. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.values(value).flatMap(buffersOf);
}
