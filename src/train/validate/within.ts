import { ExperimentError, PrefscopeError } from '../../core/errors.ts';

const whole = 'experiment.';

/** Does something; what it complains of is said of the part at `path` of a larger whole. */
export async function within<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExperimentError) {
      const problem = error.message.slice(`${whole}${error.path} `.length);
      throw new ExperimentError([path, ...(error.path === '' ? [] : [error.path])].join('.'), problem);
    }
    if (!(error instanceof PrefscopeError)) throw error;
    // a loss that cannot be read, of this part or of a part of it
    const { message } = error;
    error.message = message.startsWith(whole) ? `${whole}${path}.${message.slice(whole.length)}` : `${whole}${path}: ${message}`;
    throw error;
  }
}
