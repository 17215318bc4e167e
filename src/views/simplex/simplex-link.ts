import { tokens } from '../../atlas/toys/displacement/no-over-never.ts';
import type { Mix } from '../../core/simplex-geometry.ts';
import { checked, list, named, number, optional, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
import { vectorFields } from '../../shell/links/vectors-link.ts';
import { anyObjectiveField } from '../../shell/losses/groups-on-pair.ts';
import { defaultSimplex, leastShare, type SimplexSettings, simplexRanges, type Third } from './simplex.ts';

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
const mixRule = `two probabilities joined by _, at least ${leastShare} each and with as much left for the third corner`;
const mix: TextCodec<Mix> = {
  read: (written) => {
    const shares = written.split('_', 3).map((part) => (part.trim() === '' ? Number.NaN : Number(Number(part).toFixed(digits))));
    const [first = Number.NaN, second = Number.NaN, ...more] = shares;
    const read: Mix = [first, second, 1 - first - second];
    return more.length === 0 && read.every((p) => p >= leastShare - 1e-4) ? read : null;
  },
  write: ([first, second]) => [first, second].map((p) => Number(p.toFixed(digits))).join('_'),
  rule: `It must be ${mixRule}.`,
};
const mixes = list(mix, '~', { min: 0, max: mostStarts }, `It must be at most ${mostStarts} points joined by ~, each of ${mixRule}.`);

const answers = tokens.map((word, token): [string, number] => [word, token]);

type Corners = Pick<SimplexSettings, 'chosen' | 'rejected' | 'third'>;
const corners = checked(
  table<Corners>({
    chosen: text('w', named(answers), defaultSimplex.chosen),
    rejected: text('l', named(answers), defaultSimplex.rejected),
    third: text('third', named<Third>([['rest', 'rest'], ...answers]), defaultSimplex.third),
  }),
  'third',
  defaultSimplex,
  ({ chosen, rejected, third }) => new Set([chosen, rejected, third]).size === 3,
  'The three corners must hold three different answers.',
);

const rest = table<Omit<SimplexSettings, keyof Corners>>({
  vectors: optional(vectorFields),
  angle: number('angle', simplexRanges.angle, null),
  distance: number('apart', simplexRanges.distance, null),
  objective: anyObjectiveField,
  reference: text('ref', mix, null),
});

export const { read: readSimplex, write: writeSimplex } = viewLink(
  table<Pick<SimplexLink, 'settings'>>({
    settings: {
      read: (reader) => ({ ...corners.read(reader), ...rest.read(reader) }),
      write: (settings) => ({ ...corners.write(settings), ...rest.write(settings) }),
    },
  }),
  () => table<Pick<SimplexLink, 'starts'>>({ starts: text('from', mixes, defaultStarts) }),
);
