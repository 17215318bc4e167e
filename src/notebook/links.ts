import { answers } from '../atlas/answers/catalogue.ts';
import { papers } from '../atlas/reading-list.ts';
import type { ToySettings } from '../atlas/toys/displacement/no-over-never.ts';
import type { SuffixSettings } from '../atlas/toys/entanglement/shared-suffix.ts';
import { isLinkTo, type Linked, type LinkFields, LinkReader, readLink, writeLink } from '../shell/links/link.ts';
import { readAnswers } from '../views/answers/answers-link.ts';
import { answersPlace } from '../views/answers/place.ts';
import { readDisplacement, writeDisplacement } from '../views/displacement/displacement-link.ts';
import { displacementPlace } from '../views/displacement/place.ts';
import { readEntanglement, writeEntanglement } from '../views/entanglement/entanglement-link.ts';
import { changeSuffix } from '../views/entanglement/entanglement-settings.ts';
import { entanglementPlace } from '../views/entanglement/place.ts';
import { readMap, writeMap } from '../views/map/map-link.ts';
import type { MapState } from '../views/map/phase-map.svelte.ts';
import { mapPlace } from '../views/map/place.ts';
import type { ModesSettings } from '../views/modes/modes.ts';
import { readModes, writeModes } from '../views/modes/modes-link.ts';
import { modesPlace } from '../views/modes/place.ts';
import { readPapers } from '../views/papers/papers-link.ts';
import { papersPlace } from '../views/papers/place.ts';
import { status } from './status.svelte.ts';

/** What a view of the page and a notebook say to each other in a link. */
interface Shared<State> {
  readonly view: Linked;
  read(reader: LinkReader): State;
  write(state: State): LinkFields;
}

const displacement: Shared<ToySettings> = {
  view: displacementPlace,
  read: (reader) => readDisplacement(reader).settings,
  write: (settings) => writeDisplacement({ settings, step: null }),
};
const entanglement: Shared<SuffixSettings> = {
  view: entanglementPlace,
  // Its cells look at the start, where a fork has not happened yet.
  read: (reader) => changeSuffix(readEntanglement(reader).settings, { past: [] }),
  write: (settings) => writeEntanglement({ settings, step: null }),
};
const modes: Shared<ModesSettings> = {
  view: modesPlace,
  read: (reader) => readModes(reader).settings,
  write: (settings) => writeModes({ settings, step: null }),
};
const map: Shared<MapState> = { view: mapPlace, read: readMap, write: writeMap };

/** The experiments that a link can carry between the page and a notebook. */
export const experiments = { displacement, entanglement, modes, map };

/** Whether the notebook's address holds a link of the page, of whatever version. A place in the notebook itself is none. */
export const hasLink = (): boolean => /^#(v=|\/)/.test(location.hash);

/** Reads the link in the notebook's address where it is to this view; else there is nothing to read. */
export function readerOfAddress(view: Linked): LinkReader {
  const link = hasLink() ? readLink(location.hash) : null;
  return link && isLinkTo(link, view) ? link.reader : new LinkReader(new URLSearchParams());
}

/** The experiment of the link in the notebook's address, and the page's default where there is none. */
export function fromAddress<State>({ view, read }: Shared<State>): State {
  const reader = readerOfAddress(view);
  const state = read(reader);
  status.problems = reader.finish();
  return state;
}

/** The study of the answer or the paper in the notebook's address, with its settings; without one, that of β. */
export function studyOfAddress(): { study: string; values: readonly (readonly [string, number])[]; seed: number } {
  const none = { study: 'often-beta', values: [], seed: 1 };
  const link = hasLink() ? readLink(location.hash) : null;
  if (!link) return none;
  if (isLinkTo(link, answersPlace)) {
    const { answer, values, seed } = readAnswers(link.reader);
    status.problems = link.reader.finish();
    const study = answers.find(({ slug }) => slug === answer)?.study;
    return study === undefined ? none : { study, values, seed };
  }
  if (!isLinkTo(link, papersPlace)) return none;
  const { paper, study, values, seed } = readPapers(link.reader);
  status.problems = link.reader.finish();
  const shown = study ?? papers.find(({ arxiv }) => arxiv === paper)?.studies[0] ?? paper;
  return shown === null ? none : { study: shown, values, seed };
}

/** A link that opens an experiment in the page. */
export function pageLink<State>({ view, write }: Shared<State>, state: State, text = 'Open this experiment in the page'): HTMLElement {
  const anchor = document.createElement('a');
  anchor.href = `../#${writeLink(view.route, write(state))}`;
  anchor.textContent = text;
  const paragraph = document.createElement('p');
  paragraph.append(anchor);
  return paragraph;
}
