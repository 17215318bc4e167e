import { catalogue, slugOf } from '../../objectives/whole-catalogue.ts';
import { type Paper, papers } from '../reading-list.ts';
import entries from './trained.json';

/** The losses of the catalogue that a study trains, or asks for the geometry of. */
export interface Trained {
  /** of the sources that it was found with */
  readonly hash: string;
  /** by `slugOf`; lines that are no entry of the catalogue are left out */
  readonly losses: readonly string[];
}

/** Of every study, by its id: found from its arms by `npm run generate`. */
export const trained: Readonly<Record<string, Trained>> = entries;

/** The losses of some studies, in the order of the catalogue. */
export const lossesIn = (studies: readonly string[]): (typeof catalogue)[number][] =>
  catalogue.filter((entry) => studies.some((id) => trained[id]?.losses.includes(slugOf(entry))));

/** The papers in whose toys a loss is trained, in the order of the reading list. */
export const papersThatTrain = (loss: string): Paper[] =>
  papers.filter(({ studies }) => studies.some((id) => trained[id]?.losses.includes(loss)));
