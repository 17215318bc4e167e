import { sameJson } from '../../core/same.ts';
import type { ViewId } from '../links/link.ts';
import { type PartId, parts } from './parts.ts';

/** Settings of a view, by name. */
type Settings = Readonly<Record<string, unknown>>;
/** `next`, with what a control sets as it is in `present`. */
type Keep = (next: Settings, present: Settings) => Settings;

/** A single control of a part, which a link can hide, or lock. */
export interface Control {
  readonly id: string;
  readonly part: PartId;
  readonly keep: Keep;
  /** a control that is locked with it */
  readonly with?: string;
}

const inside = (value: unknown): Settings => value as Settings;

const field =
  (name: string): Keep =>
  (next, present) => ({ ...next, [name]: present[name] });

/** A choice that brings values of other settings with it: where it stays, those stay. */
const choice =
  (name: string, ...brings: readonly string[]): Keep =>
  (next, present) =>
    sameJson(next[name], present[name]) ? next : { ...next, ...Object.fromEntries([name, ...brings].map((each) => [each, present[each]])) };

/** Which loss it is, without its parameters. */
const lossOf = ({ objective }: Settings): unknown => [inside(objective)['name'], inside(objective)['expression']];
const whichObjective: Keep = (next, present) =>
  sameJson(lossOf(next), lossOf(present)) ? next : choice('objective', 'learningRate')(next, present);
/** Parameters belong to a loss: they cannot stay where it goes. */
const parameters: Keep = (next, present) => field('objective')(whichObjective(next, present), present);

const placesUpTo = (suffix: unknown, masked: unknown): number[] => (masked as number[]).filter((place) => place <= Number(suffix));
const sharedTokens: Keep = (next, { suffix }) => ({ ...next, suffix, masked: placesUpTo(suffix, next['masked']) });
/** Where all shared tokens are masked, those of another length are, too; masked ones do not go. */
const mask: Keep = (next, { suffix, masked }) => {
  const places = masked as number[];
  const isAll = places.length > 0 && places.length === suffix;
  const length = Math.max(Number(next['suffix']), isAll ? 1 : Math.max(0, ...places));
  return { ...next, suffix: length, masked: isAll ? Array.from({ length }, (_, index) => index + 1) : masked };
};

const raceField =
  (name: string): Keep =>
  (next, present) => ({ ...next, race: { ...inside(next['race']), [name]: inside(present['race'])[name] } });

/** Every single control, part by part. Names stay: links hold them. */
export const controls = [
  { id: 'train', part: 'settings', keep: choice('train', 'learningRate', 'scale') },
  { id: 'rate', part: 'settings', keep: field('learningRate') },
  { id: 'params', part: 'settings', keep: parameters, with: 'objective' },
  { id: 'scale', part: 'settings', keep: field('scale') },
  { id: 'steps', part: 'settings', keep: field('steps') },
  { id: 'objective', part: 'loss', keep: whichObjective },
  { id: 'e-suffix', part: 'e-settings', keep: sharedTokens },
  { id: 'e-first', part: 'e-settings', keep: field('first') },
  { id: 'e-p', part: 'e-settings', keep: field('afterChosen') },
  { id: 'e-p2', part: 'e-settings', keep: field('afterRejected') },
  { id: 'e-objective', part: 'e-settings', keep: whichObjective },
  { id: 'e-params', part: 'e-settings', keep: parameters, with: 'e-objective' },
  { id: 'e-rate', part: 'e-settings', keep: field('learningRate') },
  { id: 'e-steps', part: 'e-settings', keep: field('steps') },
  { id: 'e-update', part: 'e-settings', keep: choice('update', 'learningRate') },
  { id: 'e-mask', part: 'e-settings', keep: mask },
  { id: 'm-reward', part: 'm-bandit', keep: field('reward') },
  { id: 'm-beta', part: 'm-bandit', keep: field('beta') },
  { id: 'm-reference', part: 'm-bandit', keep: field('reference') },
  { id: 'm-start', part: 'm-bandit', keep: field('start') },
  { id: 'm-data', part: 'm-bandit', keep: field('data') },
  { id: 'm-rate', part: 'm-match', keep: field('learningRate') },
  { id: 'm-steps', part: 'm-match', keep: field('steps') },
  { id: 'm-bins', part: 'm-first', keep: field('bins') },
  { id: 'm-contestants', part: 'm-race', keep: raceField('contestants') },
  { id: 'm-seeds', part: 'm-race', keep: raceField('seeds') },
  { id: 'm-samples', part: 'm-race', keep: raceField('n') },
  { id: 'm-rounds', part: 'm-race', keep: raceField('rounds') },
  { id: 'm-race-rate', part: 'm-race', keep: raceField('learningRate') },
] as const satisfies readonly Control[];
export type ControlId = (typeof controls)[number]['id'];

export const controlsOf = (part: PartId): readonly Control[] => controls.filter((control) => control.part === part);

/** What is locked where these are: some controls are locked with another. */
export const lockedWith = (locked: readonly string[], id: string): boolean =>
  controls.some((control) => 'with' in control && control.with === id && locked.includes(control.id));

/** The settings of a view after a change to `next`, where a link locks controls: `next` itself where it locks none. */
export function keepLocked<S extends object>(view: ViewId, locked: readonly string[], next: S, present: S): S {
  const views = new Map<string, ViewId | null>(parts.map((part) => [part.id, part.view]));
  const keeping = controls.filter((control) => views.get(control.part) === view && locked.includes(control.id));
  return keeping.reduce<Settings>((kept, { keep }) => keep(kept, present as Settings), next as Settings) as S;
}
