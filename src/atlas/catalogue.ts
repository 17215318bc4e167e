import { UnsupportedError } from '../core/errors.ts';
import { rowOf, type Study } from './study.ts';

/** A study is a file whose name begins with the row of its paper; nothing else lists it. */
const files = import.meta.glob<{ study: Study }>('./studies/[0-9]*-*.ts');

const idOf = (path: string): string => path.replace(/^.*\/|\.ts$/g, '');

/** Ids of all studies, in the order of the reading list. */
export const studyIds: readonly string[] = Object.keys(files)
  .map(idOf)
  .toSorted((a, b) => rowOf(a) - rowOf(b) || a.localeCompare(b));

/** Loads a study. Rejects where there is none of that name. */
export async function loadStudy(id: string): Promise<Study> {
  const load = files[`./studies/${id}.ts`];
  if (!load) throw new UnsupportedError(`There is no study '${id}'.`);
  return (await load()).study;
}
