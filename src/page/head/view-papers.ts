import { bibliography } from '../../atlas/bibliography.ts';
import type { Citation } from '../../objectives/objective.ts';
import type { CitedPaper } from '../../shell/exports/paper-bibtex.ts';
import { papersOf } from '../../shell/losses/citation.ts';
import type { ViewId } from '../views.ts';

const displacement = '2410.08847';
/** What a view shows is from these; a paper's page names its own. */
const papersOfViews: Readonly<Partial<Record<ViewId, readonly string[]>>> = {
  displacement: [displacement],
  stop: [displacement],
  simplex: [displacement],
  map: [displacement],
  pairs: [displacement],
  entanglement: ['2410.13828'],
  modes: ['2404.14367'],
  groups: ['2402.03300'],
};

/** The papers on arXiv that a view and these objectives are from, each once. */
export function papersShown(view: ViewId, objectives: readonly Pick<Citation, 'paper'>[]): CitedPaper[] {
  const ids = [...(papersOfViews[view] ?? []), ...objectives.flatMap(papersOf).flatMap(({ arxiv }) => arxiv ?? [])];
  return [...new Set(ids)].map((arxiv) => {
    const { title = null, authors = [] } = bibliography[arxiv] ?? {};
    return { arxiv, title, authors };
  });
}
