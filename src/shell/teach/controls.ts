import type { Keep, Settings } from './keep.ts';

/** A single control of a part, which a link can hide, or lock. Names stay: links hold them. */
export interface Control {
  readonly id: string;
  /** what a teacher reads */
  readonly title: string;
  readonly part: string;
  readonly keep: Keep;
  /** a control that is locked with it */
  readonly with?: string;
}

/** What is locked where these are: some controls are locked with another. */
export const lockedWith = (controls: readonly Control[], locked: readonly string[], id: string): boolean =>
  controls.some((control) => control.with === id && locked.includes(control.id));

/** The settings of a view after a change to `next`, where a link locks some of its controls: `next` itself where it locks none. */
export function keepLocked<S extends object>(controls: readonly Control[], locked: readonly string[], next: S, present: S): S {
  const keeping = controls.filter(({ id }) => locked.includes(id));
  return keeping.reduce<Settings>((kept, { keep }) => keep(kept, present as Settings), next as Settings) as S;
}
