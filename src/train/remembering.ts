import type { Experiment } from '../core/experiment.ts';
import { resolveObjective } from '../objectives/resolve.ts';
import type { Resolvers } from './prepared.ts';

type Choice = Experiment['objective'];

/** JSON that tells all numbers apart. */
const keyOf = (choice: Choice): string =>
  JSON.stringify(choice, (_, part) =>
    typeof part === 'number' && (!Number.isFinite(part) || Object.is(part, -0)) ? `#${1 / part}${part}` : part,
  );

/** What `make` gives for each choice, made once. */
function remembering<T>(): (make: (choice: Choice) => T, choice: Choice) => T {
  const known = new Map<string, T>();
  return (make, choice) => {
    const key = keyOf(choice);
    const made = known.get(key) ?? make(choice);
    known.set(key, made);
    return made;
  };
}

/** Resolvers for many experiments: each loss is compiled once. */
export function rememberingResolvers(): Resolvers {
  const ofPairs = remembering<ReturnType<Resolvers['pairs']>>();
  return { pairs: (choice) => ofPairs(resolveObjective, choice), groups: remembering<ReturnType<Resolvers['groups']>>() };
}
