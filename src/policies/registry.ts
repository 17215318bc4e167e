import type { PolicyKind } from './policy.ts';

/** The kinds of policies that are known: what the page begins with, and all once `further-kinds.ts` is loaded. */
export const kinds = new Map<unknown, PolicyKind>();

export const addKinds = (more: Readonly<Record<string, unknown>>): void => {
  for (const [kind, described] of Object.entries(more)) kinds.set(kind, described as PolicyKind);
};
