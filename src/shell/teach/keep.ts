import { sameJson } from '../../core/same.ts';

/** Settings of a view, by name. */
export type Settings = Readonly<Record<string, unknown>>;
/** `next`, with what a control sets as it is in `present`. */
export type Keep = (next: Settings, present: Settings) => Settings;

const inside = (value: unknown): Settings => value as Settings;

export const field =
  (name: string): Keep =>
  (next, present) => ({ ...next, [name]: present[name] });

/** A field of a field. */
export const fieldOf =
  (group: string, name: string): Keep =>
  (next, present) => ({ ...next, [group]: { ...inside(next[group]), [name]: inside(present[group])[name] } });

/** A choice that brings values of other settings with it: where it stays, those stay. */
export const choice =
  (name: string, ...brings: readonly string[]): Keep =>
  (next, present) =>
    sameJson(next[name], present[name]) ? next : { ...next, ...Object.fromEntries([name, ...brings].map((each) => [each, present[each]])) };

/** Which loss it is, without its parameters. */
const lossOf = ({ objective }: Settings): unknown => [inside(objective)['name'], inside(objective)['expression']];
export const whichObjective: Keep = (next, present) =>
  sameJson(lossOf(next), lossOf(present)) ? next : choice('objective', 'learningRate')(next, present);
/** Parameters belong to a loss: they cannot stay where it goes. */
export const parameters: Keep = (next, present) => field('objective')(whichObjective(next, present), present);
