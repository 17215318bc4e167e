/** What so many runs of one level took. */
export interface TimedRuns {
  readonly runs: number;
  readonly seconds: number;
}

/** Seconds that a link may take of the reader's machine before it says so. */
export const longestWait = 20;
/** Seconds after which a level tells of its pace by itself. */
const paceKnownAfter = 3;

/** The level to compare the last one with: one of half its runs at most. */
const beforeLast = (timed: readonly TimedRuns[]): TimedRuns | undefined =>
  timed.findLast(({ runs }) => 2 * runs <= (timed.at(-1)?.runs ?? 0));

/** Whether enough was timed: a few runs alone take a GPU nearly as long as many. */
export const isPaceKnown = (timed: readonly TimedRuns[]): boolean =>
  (timed.at(-1)?.seconds ?? 0) > paceKnownAfter || beforeLast(timed) !== undefined;

/**
 * Seconds that a level of so many runs takes, by the last levels that were timed, coarse to fine. What counts is by how much the last level
 * took longer than the one before.
 */
function secondsOf(runs: number, timed: readonly TimedRuns[]): number {
  const last = timed.at(-1);
  if (!last || last.runs === 0) return 0;
  const before = beforeLast(timed);
  const perRun = before ? Math.max(0, last.seconds - before.seconds) / (last.runs - before.runs) : last.seconds / last.runs;
  return Math.max(0, last.seconds + perRun * (runs - last.runs));
}

/** Seconds that levels of so many runs each take together. */
export const secondsFor = (levels: readonly number[], timed: readonly TimedRuns[]): number =>
  levels.reduce((sum, runs) => sum + secondsOf(runs, timed), 0);

/** A span of time as one says it, rounded as an estimate is. */
export function roughTime(seconds: number): string {
  if (seconds < 90) return `${Math.max(10, 10 * Math.round(seconds / 10))} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3600)} hours`;
}
