import { type ContestantId, contestants, defaultRace, type RaceSettings, raceRanges, samplings } from '../../atlas/toys/modes/race.ts';
import { lawKinds } from '../../atlas/toys/modes/scene.ts';
import { curve, sceneFields, twoPeaks } from '../../shell/links/bandit-link.ts';
import { comparedField } from '../../shell/links/compared-link.ts';
import { both, choice, number, shownStep, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
import { type LinkFields, type LinkReader, version } from '../../shell/links/link.ts';
import { defaultModes, type ModesSettings, modesRanges, openingModes } from './modes.ts';

export interface ModesLink {
  readonly settings: ModesSettings;
  /** the step shown; null: the last */
  readonly step: number | null;
  /** those of the descents that are compared with; left out where there are none */
  readonly runs?: readonly ModesSettings[];
}

/** What the descents depend on: the bins that are watched, other data and the race leave them as they are. */
export const ofDescents = (settings: ModesSettings): ModesSettings => {
  const { data, bins, race } = defaultModes;
  return { ...settings, data, bins, race };
};

const bins: TextCodec<ModesSettings['bins']> = {
  read: (written) => {
    const [, a, b] = (/^(\d{1,2})\.(\d{1,2})$/.exec(written) ?? []).map(Number);
    return a === undefined || b === undefined || a === b ? null : [a, b];
  },
  write: (both) => both.join('.'),
  rule: 'It must be two different bins from 0 to 99 with a dot between them.',
};

const contestantIds = contestants.map(({ id }) => id);
const chosenFew: TextCodec<readonly ContestantId[]> = {
  read: (written) => {
    const asked = written === '' ? [] : written.split('.', contestants.length + 1);
    const chosen = contestantIds.filter((id) => asked.includes(id));
    return chosen.length === asked.length ? chosen : null;
  },
  write: (ids) => ids.join('.'),
  rule: `It must be some of ${contestantIds.join(', ')}, with dots between them.`,
};

const settings = table<ModesSettings>({
  reward: sceneFields.reward,
  reference: sceneFields.reference,
  start: text('start', curve(['reference', ...lawKinds]), defaultModes.start),
  data: sceneFields.data,
  beta: number('beta', modesRanges.beta, defaultModes.beta),
  learningRate: number('lr', modesRanges.learningRate, defaultModes.learningRate),
  steps: number('steps', modesRanges.steps, defaultModes.steps),
  bins: text('bins', bins, defaultModes.bins),
  race: table<RaceSettings>({
    contestants: text('race', chosenFew, defaultRace.contestants),
    seeds: number('seeds', raceRanges.seeds, defaultRace.seeds),
    n: number('n', raceRanges.n, defaultRace.n),
    rounds: number('rounds', raceRanges.rounds, defaultRace.rounds),
    learningRate: number('race.lr', raceRanges.learningRate, defaultRace.learningRate),
    threshold: number('race.gap', raceRanges.threshold, defaultRace.threshold),
    sampling: choice('race.data', samplings, defaultRace.sampling),
  }),
});

const compared = table<Pick<ModesLink, 'runs'>>({
  runs: comparedField({ read: settings.read, write: (run) => settings.write(ofDescents(run)) }),
});

export const { read: readModes, write: writeModes } = viewLink(table<Pick<ModesLink, 'settings'>>({ settings }), (run) =>
  both(shownStep(run), compared),
);

/** What `writeModes` says of the opening: links of versions 1 and 2 without a reward show the peak at bin 70, later ones that say nothing the opening. */
const isOpening = ({ run }: LinkFields): boolean => Object.keys(run).length === 1 && run['reward'] === twoPeaks;

/** The bandit of a link to the view, which opens on two peaks where it says nothing. */
export function openModes(reader: LinkReader): ModesLink {
  const link = readModes(reader);
  const isSilent = Object.keys(writeModes(link).run).length === 0 && reader.take('peak') === null;
  return reader.version >= 3 && isSilent ? { ...link, settings: openingModes } : link;
}

/** A link to the view that `openModes` opens: the peak at bin 70 is named where nothing else is. */
export function linkModes(link: ModesLink): LinkFields {
  const fields = writeModes(link);
  if (version < 3) return fields;
  if (isOpening(fields)) return { ...fields, run: {} };
  return Object.keys(fields.run).length === 0 ? { ...fields, run: { peak: '70' } } : fields;
}
