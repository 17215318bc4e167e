import type { LinkReader } from '../shell/links/link.ts';
import { type AnyView, anyView, type View } from '../shell/view.ts';
import { claimsView } from '../views/claims/view.ts';
import { deviceView } from '../views/device/view.ts';
import { displacementView } from '../views/displacement/view.ts';
import { entanglementView } from '../views/entanglement/view.ts';
import { mapView } from '../views/map/view.ts';
import { modesView } from '../views/modes/view.ts';
import { objectivesView } from '../views/objectives/view.ts';
import { pairsView } from '../views/pairs/view.ts';
import { simplexView } from '../views/simplex/view.ts';
import { stopView } from '../views/stop/view.ts';

/** Every view of the page, in the order of its tabs; the first is the default. */
const records = [
  displacementView,
  stopView,
  entanglementView,
  modesView,
  simplexView,
  mapView,
  claimsView,
  objectivesView,
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

/** The name of the view that a link names; of the first where there is none of that name. */
export function viewOfLink(reader: LinkReader): ViewId {
  const ids = views.map(({ id }) => id);
  return reader.choice('view', ids) ?? records[0].id;
}
