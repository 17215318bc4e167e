import { type Evidence, evidenceOf } from '../../data/logs/evidence.ts';
import { joinLogs } from '../../data/logs/join-logs.ts';
import { readingsOf } from '../../data/logs/readings/readings.ts';
import type { LogFacts, Reading } from '../../data/logs/readings/series.ts';
import { type StackRow, stackOf } from '../../data/logs/stack.ts';
import { plainAnswer, storyOf } from '../../data/logs/stories/stories.ts';
import type { Story } from '../../data/logs/stories/story.ts';
import type { ReadData, TrainingLog } from '../../data/read-data-types.ts';
import { DataFileError } from '../../data/read-records.ts';
import { keptRows } from '../../shell/files/kept-rows.ts';
import { OpenedFile } from '../../shell/files/opened-file.svelte.ts';
import { readData } from '../../shell/files/read-data.ts';
import type { RunLink } from './run-link.ts';

/** What was opened here and is shown elsewhere: pairs, log-probs, responses. */
export interface Elsewhere {
  readonly name: string;
  readonly file: Blob;
  readonly data: Exclude<ReadData, TrainingLog>;
}

/** A log with what is said of it. */
export interface ToldLog {
  readonly name: string;
  readonly log: TrainingLog;
  readonly stack: readonly StackRow[];
  readonly evidence: Evidence;
  /** strongest first */
  readonly readings: readonly { readonly reading: Reading; readonly story: Story | null }[];
  readonly headline: string;
  /** where what the strongest reading tells begins, and what to call it */
  readonly from: { readonly step: number; readonly words: string } | null;
  /** β is the reader's, and not the log's */
  readonly isBetaGiven: boolean;
}

interface Given {
  readonly name: string;
  readonly file: Blob;
}

/** Reads several files one after the other; progress is that of all together. */
async function readAll(files: readonly Given[], { signal, onProgress }: Parameters<typeof readData>[1] & {}): Promise<ReadData[]> {
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const read: ReadData[] = [];
  let before = 0;
  for (const { name, file } of files) {
    const options = { ...(signal ? { signal } : {}), onProgress: (done: number) => onProgress?.(before + done, total) };
    read.push(await readData<'any'>({ kind: 'any', file, name, maxRows: keptRows }, options));
    before += file.size;
  }
  return read;
}

function tell(name: string, log: TrainingLog, given: number | null): ToldLog {
  const facts: LogFacts & TrainingLog = { ...log, beta: log.beta ?? given };
  const readings = readingsOf(facts).map((reading) => ({ reading, story: storyOf(reading, facts) }));
  const [first] = readings;
  const step = first?.reading.fromStep;
  return {
    name,
    log: facts,
    stack: stackOf(facts),
    evidence: evidenceOf(facts),
    readings,
    headline: first?.story?.headline ?? first?.reading.text ?? plainAnswer(facts),
    from: first?.story && step !== undefined ? { step, words: first.story.mark } : null,
    isBetaGiven: log.beta === null && given !== null,
  };
}

/** The reader's training log, and a second one beside it. */
export class RunLab {
  readonly file = new OpenedFile<{ readonly log: TrainingLog }>();
  readonly second = new OpenedFile<{ readonly log: TrainingLog }>();
  #beta = $state<number | null>(null);
  /** what is open is one of the page's own */
  #isSample = $state(false);
  readonly #told = $derived.by(() => (this.file.value ? tell(this.file.value.name, this.file.value.log, this.#beta) : null));
  readonly #beside = $derived.by(() =>
    this.file.value && this.second.value ? tell(this.second.value.name, this.second.value.log, this.#beta) : null,
  );

  get told(): ToldLog | null {
    return this.#told;
  }
  /** the second log; null without one */
  get beside(): ToldLog | null {
    return this.#beside;
  }
  get isSample(): boolean {
    return this.#isSample;
  }
  get beta(): number | null {
    return this.#beta;
  }
  setBeta(beta: number | null): void {
    this.#beta = beta;
  }
  get link(): RunLink {
    return { beta: this.#beta };
  }
  restore({ beta }: RunLink): void {
    this.#beta = beta;
  }
  /** a file of the reader's is open, which no link keeps */
  get holdsFiles(): boolean {
    return (this.file.isChosen && !this.#isSample) || this.second.isChosen;
  }

  /**
   * Opens one log, several files of one run, or two logs, of which the second is laid over the first. What holds something else is handed on.
   */
  async open(files: readonly Given[], elsewhere: (found: Elsewhere) => void): Promise<void> {
    const [one, two, ...more] = files;
    if (!one) return;
    this.#isSample = false;
    this.removeSecond();
    if (!two) return this.#read(this.file, one, elsewhere);
    let read: readonly ReadData[] = [];
    await this.file.open(`${files.length} files`, async (options) => {
      read = await readAll(files, options);
      const joined = joinLogs(read.filter((data) => data.kind === 'log'));
      if (joined && read.every(({ kind }) => kind === 'log')) {
        read = [];
        return { log: { ...joined, readings: readingsOf(joined) } };
      }
      return null;
    });
    // each as if it had been opened alone
    const [first, second] = read;
    if (first) await this.#read(this.file, one, elsewhere, first);
    if (second) await this.#read(this.second, two, elsewhere, second);
    if (first && more.length > 0)
      this.second.refuse(more.map(({ name }) => name).join(', '), 'Two logs are laid over each other at most, or the files of one run.');
  }

  /** Lays a second log over the first. */
  async lay(file: Given, elsewhere: (found: Elsewhere) => void): Promise<void> {
    await this.#read(this.second, file, elsewhere);
  }

  removeSecond(): void {
    this.second.clear();
  }

  /** Back to the empty place. */
  close(): void {
    this.file.clear();
    this.removeSecond();
    this.#isSample = false;
  }

  /** Text of a console, as pasted. */
  paste(text: string, elsewhere: (found: Elsewhere) => void): Promise<void> {
    return this.open([{ name: 'What was pasted', file: new Blob([text]) }], elsewhere);
  }

  /** A log of the page's own. */
  async openSample(name: string, text: string): Promise<void> {
    const opened = this.open([{ name, file: new Blob([text]) }], () => {});
    this.#isSample = true;
    await opened;
  }

  /** A log that was read already. */
  show(name: string, log: TrainingLog): void {
    this.#isSample = false;
    this.removeSecond();
    this.file.take(name, { log });
  }

  /** @param known what the file holds, where it was read already */
  #read(
    into: OpenedFile<{ readonly log: TrainingLog }>,
    { name, file }: Given,
    elsewhere: (found: Elsewhere) => void,
    known?: ReadData,
  ): Promise<void> {
    return into.open(name, async (options) => {
      const data = known ?? (await readData<'any'>({ kind: 'any', file, name, maxRows: keptRows }, options));
      options.signal?.throwIfAborted();
      if (data.kind === 'log') return { log: data };
      if (data.kind === 'refused') throw new DataFileError(data.convert ? `${data.reason} This converts it: ${data.convert}` : data.reason);
      elsewhere({ name, file, data });
      return null;
    });
  }
}
