import { defaultSettings, type ToySettings } from '../../atlas/toys/displacement/no-over-never.ts';
import { sameJson } from '../../core/same.ts';

/** The experiment that all views about the toy show, each in its way: its vectors, what is trained, the loss, step size and updates. */
export type SharedExperiment = Omit<ToySettings, 'past' | 'sync'>;

const { past: _, sync: __, ...usual } = defaultSettings;
export const defaultExperiment: SharedExperiment = usual;

/** How a view takes part in the experiment. */
export interface Sharing {
  /** what it holds of the experiment before anybody has changed anything */
  readonly usual: Partial<SharedExperiment>;
  /** what it holds of the experiment now; empty where it shows something else */
  readonly get: () => Partial<SharedExperiment>;
  /** what it shows of it as the experiment has it; left out where that is all that it holds */
  readonly shows?: () => Partial<SharedExperiment>;
  /** what it trains and no other view can: told of the open view, and not handed on */
  readonly own?: () => Partial<Omit<ToySettings, 'past'>>;
  /** takes what was changed elsewhere */
  readonly take: (change: Partial<SharedExperiment>) => void;
}

/** What a view shows of the experiment, and of its own in place of it. */
export const shownOf = (sharing?: Sharing): Partial<SharedExperiment> => ({ ...(sharing?.shows ?? sharing?.get)?.(), ...sharing?.own?.() });

/** The fields of the experiment among a view's settings. */
export function experimentOf({ vectors, train, scale, objective, learningRate, steps }: SharedExperiment): SharedExperiment {
  return { vectors, train, scale, objective, learningRate, steps };
}

/** The fields of `now` that are not as in `before`. */
export const changeOf = <T extends object>(now: Partial<T>, before: Partial<T>): Partial<T> =>
  Object.fromEntries(Object.entries(now).filter(([key, value]) => !sameJson(value, before[key as keyof T]))) as Partial<T>;
