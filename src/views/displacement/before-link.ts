import type { ToySettings } from '../../atlas/toys/displacement/no-over-never.ts';
import type { Field } from '../../shell/links/fields.ts';
import { readSettings, writeSettings } from '../../shell/links/settings-text.ts';

const key = 'before';

/** The run that the present one is a change of. It holds none before it. */
export const beforeField = (settings: Field<ToySettings>): Field<ToySettings | undefined> => ({
  read: (reader) => {
    const text = reader.take(key);
    if (text === null) return undefined;
    const before = readSettings(settings, text);
    if (typeof before !== 'string') return before;
    reader.refuse(key, text, `The run is shown without the one before it. ${before}`);
    return undefined;
  },
  write: (before): Record<string, string> => (before ? { [key]: writeSettings(settings, before) } : {}),
});
