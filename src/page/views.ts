import { isLinkTo, LinkReader, type OpenedLink, oneOf } from '../shell/links/link.ts';
import { type AnyView, anyView, type Question, type View } from '../shell/view.ts';
import { answersView } from '../views/answers/view.ts';
import { deviceView } from '../views/device/view.ts';
import { displacementView } from '../views/displacement/view.ts';
import { entanglementView } from '../views/entanglement/view.ts';
import { groupsView } from '../views/groups/view.ts';
import { mapView } from '../views/map/view.ts';
import { modesView } from '../views/modes/view.ts';
import { objectivesView } from '../views/objectives/view.ts';
import { pairsView } from '../views/pairs/view.ts';
import { papersView } from '../views/papers/view.ts';
import { runView } from '../views/run/view.ts';
import { simplexView } from '../views/simplex/view.ts';
import { stopView } from '../views/stop/view.ts';

/** Every view of the page, in the order of its lists; the first is the default. */
const records = [
  displacementView,
  stopView,
  entanglementView,
  modesView,
  groupsView,
  simplexView,
  mapView,
  papersView,
  answersView,
  objectivesView,
  runView,
  pairsView,
  deviceView,
] as const;
type Records = (typeof records)[number];
/** The name of a view in links. */
export type ViewId = Records['id'];
/** The lab of a view. */
export type LabOf<Id extends ViewId> = Extract<Records, { id: Id }> extends View<Id, infer Lab> ? Lab : never;

export const views: readonly (AnyView & { readonly id: ViewId })[] = records.map((record) => anyView(record));

/** The view of a name. */
export function viewOf(id: ViewId): AnyView {
  const view = views.find((each) => each.id === id);
  if (!view) throw new Error(`There is no view "${id}".`);
  return view;
}

/** The view that a question opens: the page that bears its name, else the first view that answers it. */
export function viewOfQuestion(question: Question): AnyView & { readonly id: ViewId } {
  const view = views.find(({ route }) => route === question) ?? views.find((each) => each.answers === question);
  if (!view) throw new Error(`No view answers "${question}".`);
  return view;
}

/** The name of the view that a link opens; of the first where there is none, and then nothing else of the link is used. */
export function viewOfLink({ route, view, reader }: OpenedLink): { readonly view: ViewId; readonly reader: LinkReader } {
  const known = views.find((each) => isLinkTo({ route, view }, each));
  if (known) return { view: known.id, reader };
  if (route === null) {
    reader.refuse('view', view, oneOf(views.map(({ id }) => id)));
    return { view: records[0].id, reader };
  }
  const nothing = new LinkReader(new URLSearchParams());
  nothing.refuse('address', `#/${route}`, 'This page has no such place: it shows its first one.');
  return { view: records[0].id, reader: nothing };
}
