import { banditBins } from '../../atlas/toys/bandit.ts';
import type { LinkFields, LinkReader } from '../../shell/links/link.ts';
import { decodeLevels, encodeLevels } from './curves.ts';
import { defaultModes, type Law, lawKinds, type ModesSettings, modesRanges } from './modes.ts';
import { type ContestantId, contestants, defaultRace, type RaceSettings, raceRanges } from './race.ts';

export interface ModesLink {
  readonly settings: ModesSettings;
  /** the step shown; null: the last */
  readonly step: number | null;
}

const lawText = (law: Law): string => (typeof law === 'string' ? law : encodeLevels(law));

function writeRace({ contestants: chosen, seeds, n, rounds, learningRate, threshold }: RaceSettings): Record<string, string> {
  const { contestants: all, ...usual } = defaultRace;
  return {
    ...(chosen.join() === all.join() ? {} : { race: chosen.join('.') }),
    ...(seeds === usual.seeds ? {} : { seeds: String(seeds) }),
    ...(n === usual.n ? {} : { n: String(n) }),
    ...(rounds === usual.rounds ? {} : { rounds: String(rounds) }),
    ...(learningRate === usual.learningRate ? {} : { 'race.lr': String(learningRate) }),
    ...(threshold === usual.threshold ? {} : { 'race.gap': String(threshold) }),
  };
}

export function writeModes({ settings, step }: ModesLink): LinkFields {
  const { reward, reference, start, data, beta, learningRate, steps, bins, race } = settings;
  const usual = defaultModes;
  const peak = 'centre' in reward ? reward : null;
  const usualPeak = { centre: 70, width: 10 };
  return {
    run: {
      ...(peak || !Array.isArray(reward) ? {} : { reward: encodeLevels(reward) }),
      ...(peak && peak.centre !== usualPeak.centre ? { peak: String(peak.centre) } : {}),
      ...(peak && peak.width !== usualPeak.width ? { width: String(peak.width) } : {}),
      ...(reference === usual.reference ? {} : { ref: lawText(reference) }),
      ...(start === usual.start ? {} : { start: start === 'reference' ? start : lawText(start) }),
      ...(data === usual.data ? {} : { data }),
      ...(beta === usual.beta ? {} : { beta: String(beta) }),
      ...(learningRate === usual.learningRate ? {} : { lr: String(learningRate) }),
      ...(steps === usual.steps ? {} : { steps: String(steps) }),
      ...(bins.join() === usual.bins.join() ? {} : { bins: bins.join('.') }),
      ...writeRace(race),
    },
    look: step === null ? {} : { step: String(step) },
  };
}

function readLaw<T extends string>(reader: LinkReader, key: string, words: readonly T[]): T | readonly number[] | null {
  const text = reader.take(key);
  if (text === null) return null;
  const found = words.find((word) => word === text) ?? decodeLevels(text, banditBins);
  if (found === null) reader.refuse(key, text, `It must be one of ${words.join(', ')}, or the heights of ${banditBins} bins.`);
  return found;
}

function readBins(reader: LinkReader): readonly [number, number] | null {
  const text = reader.take('bins');
  if (text === null) return null;
  const [a = '', b = '', ...more] = text.split('.');
  const isBin = (part: string): boolean => /^\d{1,2}$/.test(part);
  if (more.length === 0 && isBin(a) && isBin(b) && Number(a) !== Number(b)) return [Number(a), Number(b)];
  reader.refuse('bins', text, 'It must be two different bins from 0 to 99 with a dot between them.');
  return null;
}

function readContestants(reader: LinkReader): readonly ContestantId[] | null {
  const text = reader.take('race');
  if (text === null) return null;
  const asked = text === '' ? [] : text.split('.');
  const chosen = contestants.map(({ id }) => id).filter((id) => asked.includes(id));
  if (chosen.length === asked.length) return chosen;
  reader.refuse('race', text, `It must be some of ${contestants.map(({ id }) => id).join(', ')}, with dots between them.`);
  return null;
}

export function readModes(reader: LinkReader): ModesLink {
  const usual = defaultModes;
  const drawn = readLaw(reader, 'reward', []);
  const centre = reader.number('peak', modesRanges.centre) ?? 70;
  const width = reader.number('width', modesRanges.width) ?? 10;
  const settings: ModesSettings = {
    reward: drawn ?? { centre, width },
    reference: readLaw(reader, 'ref', lawKinds) ?? usual.reference,
    start: readLaw(reader, 'start', ['reference', ...lawKinds]) ?? usual.start,
    data: reader.choice('data', ['reference', ...lawKinds]) ?? usual.data,
    beta: reader.number('beta', modesRanges.beta) ?? usual.beta,
    learningRate: reader.number('lr', modesRanges.learningRate) ?? usual.learningRate,
    steps: reader.number('steps', modesRanges.steps) ?? usual.steps,
    bins: readBins(reader) ?? usual.bins,
    race: {
      contestants: readContestants(reader) ?? defaultRace.contestants,
      seeds: reader.number('seeds', raceRanges.seeds) ?? defaultRace.seeds,
      n: reader.number('n', raceRanges.n) ?? defaultRace.n,
      rounds: reader.number('rounds', raceRanges.rounds) ?? defaultRace.rounds,
      learningRate: reader.number('race.lr', raceRanges.learningRate) ?? defaultRace.learningRate,
      threshold: reader.number('race.gap', raceRanges.threshold) ?? defaultRace.threshold,
    },
  };
  return { settings, step: reader.number('step', { min: 0, max: settings.steps, integer: true }) };
}
