import { show, showPlace } from '../../data/logs/readings/series.ts';
import type { Verdict } from '../../data/logs/stories/story.ts';
import { unitOf } from '../../data/logs/units.ts';
import type { ToldLog } from './run.svelte.ts';

/** What stands beside the file's name. */
export function fileFacts({ log }: ToldLog, isSample: boolean): string {
  const { steps } = log;
  const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 0];
  const rows = steps.length === 1 ? '1 row' : `${steps.length} rows`;
  const one = first === last ? `, step ${show(first, 6)}` : `, steps ${show(first, 6)} to ${show(last, 6)}`;
  const named = log.isCounted ? '' : one;
  return `${rows}${named} · ${isSample ? 'trained in this page' : 'stays on this device'}`;
}

/** What of a log is drawn in which unit, with the arithmetic. */
export function unitSentence({ log, evidence, isBetaGiven }: ToldLog): string {
  const unit = unitOf(log);
  const chosen = evidence.rows.find(({ id }) => id === 'chosen');
  const over = (beta: number, reward: number): string =>
    chosen ? `: chosen ${show(reward)} ÷ ${show(beta)} = ${show(reward / beta)}` : '';
  if (unit === 'change') {
    const beta = log.beta ?? Number.NaN;
    return `Δ log π is reward ÷ β, ${isBetaGiven ? 'which is yours' : 'which the log tells'}${over(beta, (chosen?.late ?? 0) * beta)}.`;
  }
  if (unit === 'reward' && !chosen?.late) return 'Δ log π is the reward ÷ β.';
  if (unit === 'reward')
    return `Δ log π is the reward ÷ β, which this log does not tell; with TRL’s default of 0.1${over(0.1, chosen?.late ?? 0)} nats.`;
  if (unit === 'per-token')
    return 'These log-probs look like means over tokens, as TRL logs them for ORPO, SimPO, CPOTrainer’s IPO and, up to 0.28, DPOTrainer’s IPO.';
  if (unit === 'logp') return 'There are no rewards of a reference: log-probs are compared with the first rows.';
  return '';
}

/** What no log of such columns can show. */
export function lacks({ log, readings }: ToldLog): string {
  const fell = readings.some(({ reading }) => reading.id === 'both-fall' || reading.id === 'chosen-falls');
  if (fell) return 'Where the lost probability went is not in this log: read samples.';
  if (unitOf(log) === null)
    return 'The log has neither rewards nor log-probs of chosen and rejected: how these answers moved is not in it.';
  return 'What the model writes now is not in this log: read some samples.';
}

export const verdictWords: Readonly<Record<Verdict, string>> = {
  fits: 'fits',
  no: 'does not fit',
  pairs: 'needs your pairs',
  unsaid: 'not in this log',
};

/** The charts, for who cannot see them. */
export function describe({ log, evidence, headline }: ToldLog): string {
  const numbers = evidence.rows.map(({ words, early, late }) => `${words} from ${show(early)} to ${show(late)}`).join('; ');
  const [first, last] = [log.steps[0] ?? 0, log.steps.at(-1) ?? 0];
  return `${headline}. From ${showPlace(log, first)} to ${showPlace(log, last)}: ${numbers}.`;
}
