export * from './toys/vectors.ts';

const known = new WeakMap<object, Map<string, Promise<unknown>>>();

/** The result of a run that several claims of one engine share, under a key that says all it depends on; a failure is not kept. */
export async function remember<T>(engine: object, key: string, run: () => Promise<T>): Promise<T> {
  const results = known.get(engine) ?? new Map<string, Promise<unknown>>();
  known.set(engine, results);
  const result = (results.get(key) as Promise<T> | undefined) ?? run();
  results.set(key, result);
  try {
    return await result;
  } catch (error) {
    results.delete(key);
    throw error;
  }
}
