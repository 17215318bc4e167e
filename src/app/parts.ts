import type { ViewId } from './link.ts';

/** A part of the page that a link can hide, or lock where it can be operated. */
export interface Part {
  readonly id: string;
  /** the view that has it; null: the head of the page */
  readonly view: ViewId | null;
  readonly title: string;
  /** it has controls, which a link can hold as they are */
  readonly lockable: boolean;
}

const readOnly = (view: ViewId | null, id: string, title: string): Part => ({ id, view, title, lockable: false });
const controls = (view: ViewId | null, id: string, title: string): Part => ({ id, view, title, lockable: true });

/** Every part, in the order of the page. Names stay: links hold them. */
export const parts = [
  readOnly(null, 'tabs', 'Tabs of the other views'),
  controls('displacement', 'play', 'Play, step and timeline'),
  readOnly('displacement', 'story', 'What happens, in words'),
  readOnly('displacement', 'bars', 'Probability of each answer'),
  readOnly('displacement', 'curves', 'Curves over the steps'),
  controls('displacement', 'verdict', 'Benign or catastrophic'),
  controls('displacement', 'settings', 'Change the run'),
  controls('displacement', 'moments', 'Explain this moment'),
  controls('displacement', 'vectors', 'The vectors'),
  controls('displacement', 'loss', 'The objective'),
  readOnly('displacement', 'why', 'Why it happens'),
  controls('displacement', 'runs', 'The runs so far'),
  controls('displacement', 'pair-set', 'A set of pairs'),
  controls('entanglement', 'e-cases', 'Introduction and cases'),
  controls('entanglement', 'e-play', 'Play, step and timeline'),
  controls('entanglement', 'e-settings', 'Change the two answers'),
  readOnly('entanglement', 'e-plane', 'The two gradients'),
  readOnly('entanglement', 'e-curves', 'Curves over the steps'),
  controls('entanglement', 'e-moments', 'Explain this moment'),
  controls('entanglement', 'e-runs', 'The runs so far'),
  controls('entanglement', 'e-interval', 'The interval and the objectives'),
  readOnly('entanglement', 'e-measure', 'Prediction against the actual step'),
  controls('modes', 'm-bandit', 'Draw the bandit'),
  controls('modes', 'm-match', 'Forward and reverse KL'),
  controls('modes', 'm-play', 'Play, step and timeline'),
  controls('modes', 'm-moments', 'Explain this moment'),
  readOnly('modes', 'm-first', 'The first step'),
  controls('modes', 'm-race', 'The race of algorithms'),
  readOnly('modes', 'm-words', 'What this shows'),
  controls('simplex', 's-picture', 'The triangle'),
  readOnly('simplex', 's-words', 'What this shows'),
  readOnly('simplex', 's-numbers', 'The numbers'),
  controls('simplex', 's-vectors', 'The vectors'),
  readOnly('simplex', 's-free', 'Free logits'),
  controls('simplex', 's-path', 'The trajectory'),
  controls('simplex', 's-settings', 'Change the picture'),
  controls('map', 'map-choices', 'Toy, colour and axes'),
  controls('map', 'map-picture', 'The map'),
  controls('map', 'map-state', 'Train again and save'),
  controls('map', 'map-run', 'The run at the pointer'),
  controls('map', 'map-probes', 'The runs kept to compare'),
  controls('map', 'map-shared', 'What every run has'),
  controls('claims', 'claims-tools', 'Run all claims'),
  controls('claims', 'claims-list', 'The claims'),
  controls('objectives', 'o-search', 'Search'),
  controls('objectives', 'o-list', 'The objectives'),
  controls('pairs', 'pairs-file', 'The file, its settings and Train'),
  controls('pairs', 'pairs-results', 'What the training did'),
  controls('pairs', 'pairs-every', 'Every pair'),
  controls('pairs', 'pairs-model', 'Your own model'),
  controls('device', 'd-run', 'Time the kernels'),
  readOnly('device', 'd-times', 'The times'),
] as const satisfies readonly Part[];
export type PartId = (typeof parts)[number]['id'];

/** The parts of a view, and those of the head of the page. */
export const partsOf = (view: ViewId): readonly (typeof parts)[number][] =>
  parts.filter((part) => part.view === view || part.view === null);
