import type { Behaviour } from './behaviour.ts';
import rows from './measured.json';

const byName: ReadonlyMap<string, Behaviour> = new Map((rows as readonly Behaviour[]).map((each) => [each.objective, each]));

/** What was measured of an objective; null: nothing was. */
export const behaviourOf = (of: 'pair' | 'group', id: string): Behaviour | null => byName.get(`${of}/${id}`) ?? null;
