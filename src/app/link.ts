import { objectiveNames } from '../objectives/catalogue.ts';
import { findObjective, type PageChoice, viewObjective } from './objective-view.ts';
import { defaultSettings, isInRange, ranges, rangeText, type ToySettings, trainPresets } from './settings.ts';

/** What a link holds: the settings of the run, and what is looked at. */
export interface LinkState {
  readonly settings: ToySettings;
  /** the step shown; null: the newest */
  readonly step: number | null;
}

/** A part of a link that could not be used, and why. */
export interface LinkProblem {
  readonly key: string;
  readonly value: string;
  readonly reason: string;
}

/** Version of the format. A reader of later versions keeps a decoder for this one. */
const version = 1;
/** Longest link that is read, in characters. */
const longest = 8000;
/** What a parameter's value of the objective is called: 'p.beta'. */
const parameterPrefix = 'p.';

const trained = ['hidden', 'unembedding', 'both'] as const;

/** A short decimal that reads back as the same number. */
const write = (value: number): string => String(value);

/** The link's hash for a state, without '#'; empty for the default state. Only what is not the default is written. */
export function encodeLink({ settings, step }: LinkState): string {
  const fields = new URLSearchParams();
  const { train, scale, learningRate, steps, objective } = settings;
  const preset = trainPresets[train];
  if (train !== defaultSettings.train) fields.set('train', train);
  if (scale !== preset.scale) fields.set('scale', write(scale));
  if ('name' in objective) {
    if (objective.name !== 'dpo') fields.set('objective', objective.name);
  } else fields.set('loss', objective.expression);
  const { parameters } = viewObjective(objective);
  for (const { name, value, about } of parameters) if (value !== about.default) fields.set(parameterPrefix + name, write(value));
  if (learningRate !== preset.learningRate) fields.set('lr', write(learningRate));
  if (steps !== defaultSettings.steps) fields.set('steps', write(steps));
  if (step !== null) fields.set('step', write(step));
  return fields.size === 0 ? '' : `v=${version}&${fields}`;
}

/** Reads a link's hash. What is not valid is left at its default and reported; nothing in a link is ever executed. */
export function decodeLink(hash: string): { state: LinkState; problems: LinkProblem[] } {
  const problems: LinkProblem[] = [];
  const text = hash.replace(/^#/, '');
  const fallback = { state: { settings: defaultSettings, step: null }, problems };
  if (text === '') return fallback;
  if (text.length > longest) {
    problems.push({
      key: 'link',
      value: `${text.slice(0, 40)}…`,
      reason: `It has ${text.length} characters; at most ${longest} are read.`,
    });
    return fallback;
  }
  const fields = new URLSearchParams(text);
  const used = new Set<string>();
  const take = (key: string): string | null => {
    used.add(key);
    return fields.get(key);
  };
  const refuse = (key: string, value: string, reason: string) => problems.push({ key, value: value.slice(0, 200), reason });
  const number = (key: string, range: { min: number; max: number; integer: boolean }): number | null => {
    const value = take(key);
    if (value === null) return null;
    const parsed = Number(value);
    if (
      value.trim() === '' ||
      !Number.isFinite(parsed) ||
      parsed < range.min ||
      parsed > range.max ||
      (range.integer && !Number.isInteger(parsed))
    ) {
      refuse(key, value, `It must be a ${range.integer ? 'whole number' : 'number'} from ${range.min} to ${range.max}.`);
      return null;
    }
    return parsed;
  };

  const written = take('v');
  if (written !== String(version))
    refuse('v', written ?? '', `This page reads links of version ${version}; what it understands of this one is used.`);

  const trainText = take('train');
  const train = trained.find((name) => name === trainText) ?? defaultSettings.train;
  if (trainText !== null && trainText !== train) refuse('train', trainText, `It must be one of ${trained.join(', ')}.`);
  const preset = trainPresets[train];
  const scale = number('scale', ranges.scale) ?? preset.scale;
  const learningRate = number('lr', ranges.learningRate) ?? preset.learningRate;
  const steps = number('steps', ranges.steps) ?? defaultSettings.steps;
  const step = number('step', { min: 0, max: steps, integer: true });
  const objective = readObjective(take('objective'), take('loss'), fields, used, refuse);

  for (const [key, value] of fields) if (!used.has(key)) refuse(key, value, 'This page knows no such setting.');
  return { state: { settings: { train, scale, learningRate, steps, objective }, step }, problems };
}

function readObjective(
  name: string | null,
  expression: string | null,
  fields: URLSearchParams,
  used: Set<string>,
  refuse: (key: string, value: string, reason: string) => void,
): PageChoice {
  let choice: PageChoice = { name: 'dpo' };
  if (name !== null && !findObjective(name)) refuse('objective', name, `Known names: ${objectiveNames().join(', ')}.`);
  else if (name !== null) choice = { name };
  if (expression !== null) {
    try {
      viewObjective({ expression });
      choice = { expression };
    } catch (error) {
      refuse('loss', expression, error instanceof Error ? error.message : String(error));
    }
  }
  const params: Record<string, number> = {};
  for (const { name: parameter, value, about } of viewObjective(choice).parameters) {
    const key = parameterPrefix + parameter;
    const text = fields.get(key);
    used.add(key);
    params[parameter] = value;
    if (text === null) continue;
    const parsed = Number(text);
    if (text.trim() !== '' && isInRange(parsed, about.valid)) params[parameter] = parsed;
    else refuse(key, text, `It must be a number in ${rangeText(about.valid)}.`);
  }
  return { ...choice, params } as PageChoice;
}
