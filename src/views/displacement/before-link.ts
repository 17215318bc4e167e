import type { ToySettings } from '../../atlas/toys/displacement/no-over-never.ts';
import type { Field } from '../../shell/links/fields.ts';
import { LinkReader } from '../../shell/links/link.ts';

const key = 'before';
/** instead of nothing at all: what stands empty in an address is easily lost */
const usual = 'default';

/**
 * The run that the present one is compared with, as a query string of its settings, or `default` for the page's own. One that cannot be
 * read is refused whole: half of its settings are another run. It holds none before it.
 */
export const beforeField = (settings: Field<ToySettings>): Field<ToySettings | undefined> => ({
  read: (reader) => {
    const text = reader.take(key);
    if (text === null) return undefined;
    const inner = new LinkReader(new URLSearchParams(text === usual ? '' : text));
    const before = settings.read(inner);
    const [problem] = inner.finish();
    if (!problem) return before;
    reader.refuse(key, text, `The run is shown without the one before it. There, ${problem.key}: ${problem.reason}`);
    return undefined;
  },
  write: (before): Record<string, string> => (before ? { [key]: new URLSearchParams(settings.write(before)).toString() || usual } : {}),
});
