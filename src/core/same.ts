/** Two values are the same as JSON, fields in the same order. */
export const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Every field of two objects is the same as JSON; a field that is missing is the same as one that is undefined. */
export const sameFields = <T extends object>(a: T, b: T): boolean =>
  (Object.keys({ ...a, ...b }) as (keyof T)[]).every((key) => sameJson(a[key], b[key]));
