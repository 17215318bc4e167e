import { type Series, sideStyles } from '../../charts/series.ts';
import { runStyle } from '../../shell/runs/run-style.ts';
import type { EntanglementLab, SuffixState } from './entanglement.svelte.ts';
import type { SuffixPoint } from './suffix-runs.ts';

type Style = Omit<Series, 'points' | 'ghost'>;

export const chosenStyle: Style = { id: 'chosen', label: 'chosen', ...sideStyles.chosen };
export const rejectedStyle: Style = { id: 'rejected', label: 'rejected', ...sideStyles.rejected };

/** The engine's line, and faint below it the run on the float64 CPU engine, unless a lesson asks how it will go. */
export function linesOf(lab: EntanglementLab, style: Style, value: (state: SuffixState) => number, isTaught = false): Series[] {
  const points = (states: readonly SuffixState[]) => states.map((state) => ({ x: state.step, y: value(state) }));
  return [
    ...(isTaught ? [] : [{ ...style, id: `${style.id}-expected`, ghost: true, points: points(lab.expected) }]),
    { ...style, points: points(lab.steps) },
  ];
}

/** One number of the runs that are compared. */
export const comparedLines = (lab: EntanglementLab, name: string, value: (point: SuffixPoint) => number): Series[] =>
  lab.compared.map(({ number, states }, place) => ({
    ...runStyle(place),
    id: `${name}-run-${number}`,
    label: `${name}, run ${number}`,
    points: states.map((point) => ({ x: point.step, y: value(point) })),
  }));

/** The axis and the cursor that every chart over the updates shares. */
export const sharedAxis = (lab: EntanglementLab) => ({
  xLabel: 'update',
  xDomain: [0, Math.max(lab.settings.steps, ...lab.compared.map(({ settings }) => settings.steps))] as const,
  cursor: lab.shown.step,
  onscrub: (step: number) => lab.pin(step),
  onhover: (step: number | null) => lab.hover(step),
});
