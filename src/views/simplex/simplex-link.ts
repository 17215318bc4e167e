import { tokens } from '../../atlas/toys/no-over-never.ts';
import type { Mix } from '../../core/simplex-geometry.ts';
import type { LinkFields, LinkReader } from '../../shell/links/link.ts';
import { readObjective, writeObjective } from '../../shell/losses/objective-link.ts';
import { defaultSimplex, leastShare, type SimplexSettings, simplexRanges } from './simplex.ts';

/** What a link to the simplex holds. */
export interface SimplexLink {
  readonly settings: SimplexSettings;
  /** where trajectories begin, besides the reference */
  readonly starts: readonly Mix[];
}

/** Most trajectories besides the reference's. */
export const mostStarts = 8;
export const defaultStarts: readonly Mix[] = [[0.3, 0.45, 0.25]];

/** Decimals of a share in a link. */
const digits = 4;
const tidy = (mix: Mix): string => [mix[0], mix[1]].map((p) => String(Number(p.toFixed(digits)))).join('_');
const writeStarts = (starts: readonly Mix[]): string => starts.map(tidy).join('~');

export function writeSimplex({ settings, starts }: SimplexLink): LinkFields {
  const { chosen, rejected, third, angle, distance, objective, reference } = settings;
  return {
    run: {
      ...(chosen === defaultSimplex.chosen ? {} : { w: tokens[chosen] ?? '' }),
      ...(rejected === defaultSimplex.rejected ? {} : { l: tokens[rejected] ?? '' }),
      ...(third === defaultSimplex.third ? {} : { third: third === 'rest' ? third : (tokens[third] ?? '') }),
      ...(angle === null ? {} : { angle: String(angle) }),
      ...(distance === null ? {} : { apart: String(distance) }),
      ...writeObjective(objective),
      ...(reference === null ? {} : { ref: tidy(reference) }),
    },
    look: writeStarts(starts) === writeStarts(defaultStarts) ? {} : { from: writeStarts(starts) },
  };
}

function readMix(text: string): Mix | null {
  const [first, second, ...more] = text.split('_').map((part) => (part.trim() === '' ? Number.NaN : Number(Number(part).toFixed(digits))));
  const mix: Mix = [first ?? Number.NaN, second ?? Number.NaN, 1 - (first ?? Number.NaN) - (second ?? Number.NaN)];
  return more.length === 0 && mix.every((p) => p >= leastShare - 1e-4) ? mix : null;
}

const mixRule = `two probabilities joined by _, at least ${leastShare} each and with as much left for the third corner`;

export function readSimplex(reader: LinkReader): SimplexLink {
  const token = (key: string): number | null => {
    const word = reader.choice(key, tokens);
    return word === null ? null : tokens.indexOf(word);
  };
  const corners = { chosen: token('w') ?? defaultSimplex.chosen, rejected: token('l') ?? defaultSimplex.rejected };
  const word = reader.choice('third', ['rest', ...tokens]);
  const third = word === null ? defaultSimplex.third : word === 'rest' ? word : (tokens as readonly string[]).indexOf(word);
  const isApart = new Set([corners.chosen, corners.rejected, third]).size === 3;
  if (!isApart) reader.refuse('third', word ?? '', 'The three corners must hold three different answers.');
  const settings = isApart ? { ...defaultSimplex, ...corners, third } : defaultSimplex;
  const reference = reader.take('ref');
  const mix = reference === null ? null : readMix(reference);
  if (reference !== null && !mix) reader.refuse('ref', reference, `It must be ${mixRule}.`);
  const from = reader.take('from');
  const starts = from === null ? defaultStarts : from === '' ? [] : from.split('~').map(readMix);
  const known = starts.filter((start) => start !== null).slice(0, mostStarts);
  if (from !== null && known.length !== starts.length)
    reader.refuse('from', from, `It must be at most ${mostStarts} points joined by ~, each of ${mixRule}.`);
  return {
    settings: {
      ...settings,
      angle: reader.number('angle', simplexRanges.angle),
      distance: reader.number('apart', simplexRanges.distance),
      objective: readObjective(reader),
      reference: mix,
    },
    starts: known,
  };
}
