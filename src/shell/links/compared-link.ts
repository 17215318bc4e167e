import { mostCompared } from '../runs/run-history.svelte.ts';
import type { Field } from './fields.ts';
import { readSettings, writeSettings } from './settings-text.ts';

const key = 'runs';

/** The runs that a reader has ticked to compare the present one with: the settings of each, one after the other. */
export const comparedField = <S extends object>(settings: Field<S>): Field<readonly S[] | undefined> => ({
  read: (reader) => {
    const text = reader.take(key);
    if (text === null) return undefined;
    const runs: S[] = [];
    for (const each of text.split('~', mostCompared + 1)) {
      const run = readSettings(settings, each);
      if (typeof run === 'string' || runs.length === mostCompared) {
        const why = typeof run === 'string' ? run : `A link holds ${mostCompared} of them at most.`;
        reader.refuse(key, text, `The run is shown without those that it was compared with. ${why}`);
        return undefined;
      }
      runs.push(run);
    }
    return runs;
  },
  write: (runs = []): Record<string, string> =>
    runs.length > 0 ? { [key]: runs.map((run) => writeSettings(settings, run)).join('~') } : {},
});
