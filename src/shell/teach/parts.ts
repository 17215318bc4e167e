import type { ViewId } from '../links/link.ts';

/** A part of the page that a link can hide, or lock where it can be operated. */
export interface Part {
  readonly id: string;
  /** the view that has it; null: the head of the page */
  readonly view: ViewId | null;
  /** it has controls, which a link can hold as they are */
  readonly lockable: boolean;
}

const readOnly = <Id extends string>(view: ViewId | null, id: Id) => ({ id, view, lockable: false });
const controls = <Id extends string>(view: ViewId | null, id: Id) => ({ id, view, lockable: true });

/** Every part, in the order of the page. Names stay: links hold them. Their titles, which only a teacher sees, are in part-titles.ts. */
export const parts = [
  readOnly(null, 'tabs'),
  controls('displacement', 'play'),
  readOnly('displacement', 'story'),
  readOnly('displacement', 'bars'),
  readOnly('displacement', 'curves'),
  controls('displacement', 'verdict'),
  controls('displacement', 'settings'),
  controls('displacement', 'moments'),
  controls('displacement', 'vectors'),
  controls('displacement', 'loss'),
  readOnly('displacement', 'why'),
  controls('displacement', 'runs'),
  controls('displacement', 'pair-set'),
  controls('entanglement', 'e-cases'),
  controls('entanglement', 'e-play'),
  controls('entanglement', 'e-settings'),
  readOnly('entanglement', 'e-plane'),
  readOnly('entanglement', 'e-curves'),
  controls('entanglement', 'e-moments'),
  controls('entanglement', 'e-runs'),
  controls('entanglement', 'e-interval'),
  readOnly('entanglement', 'e-measure'),
  controls('modes', 'm-bandit'),
  controls('modes', 'm-match'),
  controls('modes', 'm-play'),
  controls('modes', 'm-moments'),
  controls('modes', 'm-runs'),
  readOnly('modes', 'm-first'),
  controls('modes', 'm-race'),
  readOnly('modes', 'm-words'),
  controls('simplex', 's-picture'),
  readOnly('simplex', 's-words'),
  readOnly('simplex', 's-numbers'),
  controls('simplex', 's-vectors'),
  readOnly('simplex', 's-free'),
  controls('simplex', 's-path'),
  controls('simplex', 's-settings'),
  controls('map', 'map-choices'),
  controls('map', 'map-picture'),
  controls('map', 'map-state'),
  controls('map', 'map-run'),
  controls('map', 'map-probes'),
  controls('map', 'map-shared'),
  controls('claims', 'claims-tools'),
  controls('claims', 'claims-list'),
  controls('objectives', 'o-search'),
  controls('objectives', 'o-list'),
  controls('pairs', 'pairs-file'),
  controls('pairs', 'pairs-results'),
  controls('pairs', 'pairs-every'),
  controls('pairs', 'pairs-model'),
  controls('device', 'd-run'),
  readOnly('device', 'd-times'),
] as const satisfies readonly Part[];
export type PartId = (typeof parts)[number]['id'];

/** The parts of a view, and those of the head of the page. */
export const partsOf = (view: ViewId): readonly (typeof parts)[number][] =>
  parts.filter((part) => part.view === view || part.view === null);
