import { assertFinite, assertInteger, assertMatrix, assertObject, assertPositive, show } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { Experiment, PreferenceData } from '../../core/experiment.ts';
import { generatePreferences } from '../../data/generate-preferences.ts';

/** Most comparisons that one experiment may generate. */
const maxCount = 2 ** 20;

function assertRate(path: string, value: number | undefined): void {
  if (value === undefined) return;
  assertFinite(path, value);
  if (value < 0 || value > 1) throw new ExperimentError(path, `must be from 0 to 1, but is ${value}.`);
}

function validateData(data: PreferenceData): void {
  assertObject('data', data);
  const [prompts, outcomes] = assertMatrix('data.rewards', data.rewards);
  if (outcomes < 2) throw new ExperimentError('data.rewards', 'needs at least two outcomes to compare.');
  if (data.sampler !== undefined) {
    const shape = assertMatrix('data.sampler', data.sampler);
    if (shape[0] !== prompts || shape[1] !== outcomes)
      throw new ExperimentError(
        'data.sampler',
        `is [${shape.join(', ')}], but the rewards are [${prompts}, ${outcomes}]; make them equal.`,
      );
  }
  assertRate('data.coverage', data.coverage);
  assertInteger('data.count', data.count, 1, maxCount + 1);
  switch (data.kind) {
    case 'bradley-terry':
    case 'deterministic':
      assertRate('data.flipRate', data.flipRate);
      if (data.temperature !== undefined) assertPositive('data.temperature', data.temperature);
      if (data.ties !== undefined) {
        assertFinite('data.ties', data.ties);
        if (data.ties < 0) throw new ExperimentError('data.ties', `must not be negative, but is ${data.ties}.`);
      }
      return;
    case 'best-of-n':
      assertInteger('data.n', data.n, 2, 2 ** 16);
      return;
    case 'ranking': {
      const appearing = Math.min(outcomes, Math.max(2, Math.round((data.coverage ?? 1) * outcomes)));
      assertInteger('data.k', data.k, 2, appearing + 1);
      if (data.temperature !== undefined) assertPositive('data.temperature', data.temperature);
      return;
    }
    default: {
      const { kind } = data as { kind: unknown };
      throw new ExperimentError('data.kind', `must be 'bradley-terry', 'deterministic', 'best-of-n' or 'ranking', not ${show(kind)}.`);
    }
  }
}

/** The experiment with its generated pairs in `pairs`. Throws an ExperimentError for data that cannot be generated. */
export function resolveData(experiment: Experiment): Experiment {
  if (typeof experiment !== 'object' || experiment === null) return experiment; // refused by the validation of the rest
  const { data, ...rest } = experiment;
  if (data === undefined) return experiment;
  validateData(data);
  return { ...rest, pairs: [...(rest.pairs ?? []), ...generatePreferences(data, rest.seed ?? 0)] };
}
