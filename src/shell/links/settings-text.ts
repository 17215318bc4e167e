import type { Field } from './fields.ts';
import { LinkReader } from './link.ts';

/** instead of nothing at all: what stands empty in an address is easily lost */
const usual = 'default';

/** Settings of a further run as one text: a query string, or `default`. */
export const writeSettings = <S>(settings: Field<S>, value: S): string => new URLSearchParams(settings.write(value)).toString() || usual;

/** Such a text; or what is wrong with it, in a sentence. It is refused whole: half of a run's settings are another run. */
export function readSettings<S extends object>(settings: Field<S>, text: string): S | string {
  const inner = new LinkReader(new URLSearchParams(text === usual ? '' : text));
  const value = settings.read(inner);
  const [problem] = inner.finish();
  return problem ? `There, ${problem.key}: ${problem.reason}` : value;
}
