import { UnsupportedError } from '../core/errors.ts';
import { rowOf, type Study } from './study.ts';

/** A study is a file whose name begins with the row of its paper, or with `often`; nothing else lists it. */
const files = import.meta.glob<{ study: Study }>(['./studies/[0-9]*-*.ts', './studies/often-*.ts']);

const idOf = (path: string): string => path.replace(/^.*\/|\.ts$/g, '');

/** What is often said comes after the papers. */
const placeOf = (id: string): number => rowOf(id) || Number.MAX_SAFE_INTEGER;

/** Ids of all studies, in the order of the reading list. */
export const studyIds: readonly string[] = Object.keys(files)
  .map(idOf)
  .toSorted((a, b) => placeOf(a) - placeOf(b) || a.localeCompare(b));

/** Loads a study. Rejects where there is none of that name. */
export async function loadStudy(id: string): Promise<Study> {
  const load = files[`./studies/${id}.ts`];
  if (!load) throw new UnsupportedError(`There is no study '${id}'.`);
  return (await load()).study;
}
