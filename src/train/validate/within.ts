import { ExperimentError, PrefscopeError } from '../../core/errors.ts';

/** Does something; what it complains of is said of the part at `path` of a larger whole. */
export async function within<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExperimentError) {
      const separator = error.path === '' || error.path.startsWith('[') ? '' : '.';
      const problem = error.message.slice(`experiment.${error.path} `.length);
      throw new ExperimentError(`${path}${separator}${error.path}`, problem);
    }
    if (error instanceof PrefscopeError) error.message = `experiment.${path}: ${error.message}`;
    throw error;
  }
}
