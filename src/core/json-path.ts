/** A place in a JSON value, as in 'pairs[0].weight' or 'policy.logits.0.3'. */
export type JsonPath = readonly (string | number)[];

/** The keys of a path; null where it is not one. */
export function parsePath(path: string): JsonPath | null {
  if (!/^[A-Za-z]\w*(\.\w+|\[\d+\])*$/.test(path)) return null;
  return path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

const child = (value: unknown, key: string | number): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;

/** What stands at `path`; undefined where nothing does. */
export const getAt = (value: unknown, path: JsonPath): unknown => path.reduce(child, value);

/** `value` with `replacement` at `path`. Copies what lies on the way and shares the rest; makes objects that are missing. */
export function setAt<T>(value: T, path: JsonPath, replacement: unknown): T {
  const [key, ...rest] = path;
  if (key === undefined) return replacement as T;
  const copy: unknown = Array.isArray(value) ? [...value] : { ...value };
  (copy as Record<string | number, unknown>)[key] = setAt(child(value, key), rest, replacement);
  return copy as T;
}
