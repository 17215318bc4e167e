/** What a notebook may import beside `src/index.ts`, the charts and the panels. */

import type { RunOptions, SweepResult } from '../index.ts';
import type { MapState } from '../views/map/phase-map.svelte.ts';
import Checks from './Checks.svelte';
import type { Check } from './check.ts';
import { component, mounted } from './component.svelte.ts';
import DataTable from './DataTable.svelte';
import RegimeMap from './RegimeMap.svelte';
import Working from './Working.svelte';

export { shipped } from '../atlas/shipped.ts';
export { requirementText } from '../atlas/study-text.ts';
export { fixed, nats, percent, scientific, significant } from '../shell/controls/format.ts';
export { viewObjective } from '../shell/losses/objective-view.ts';
export { rowsOf } from '../shell/study/charts/values.ts';
export { cellValues, sweepAxis } from '../views/map/toys/map-axes.ts';
export { mapExperiment } from '../views/map/toys/map-toys.ts';
export { banditOf } from '../views/modes/modes.ts';
export { component, mounted } from './component.svelte.ts';
export { fileField, numberField, textField } from './controls.ts';
export { engineHere, engineInWorker, pageSession } from './engine.ts';
export { experiments, fromAddress, hasLink, pageLink, studyOfAddress } from './links.ts';
export { mapAxes, regimesIn } from './map.ts';

/** The notebook's answers as numbers that must hold: one row a check. A check that does not hold is counted at the top of the page. */
export const checked = (checks: readonly Check[]): HTMLElement => component(Checks, { checks });

/** A table of words and numbers. */
export const table = (caption: string, columns: readonly string[], rows: readonly (readonly (string | number)[])[]): HTMLElement =>
  component(DataTable, { caption, columns, rows });

/** A sweep over count × count cells of the page's map, coloured by what became of the chosen answer. */
export const regimeMap = (map: MapState, result: SweepResult, count: number): HTMLElement => component(RegimeMap, { map, result, count });

/** Does long work under a bar that shows how far it is, and a button that cancels it: `await working(display, 'Training', (options) => ...)`. */
export async function working<T>(
  display: (node: HTMLElement) => void,
  label: string,
  work: (options: Required<Pick<RunOptions, 'signal' | 'onProgress'>>) => Promise<T>,
): Promise<T> {
  const canceller = new AbortController();
  const oncancel = () => canceller.abort(new Error(`Cancelled: ${label}. Load the page again to go on.`));
  const bar = mounted(Working, { label, done: 0, total: 0, oncancel });
  display(bar.node);
  try {
    return await work({ signal: canceller.signal, onProgress: (done, total) => bar.set({ done, total }) });
  } finally {
    bar.node.remove();
  }
}
