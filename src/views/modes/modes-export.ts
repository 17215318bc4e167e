import type { PageEngine } from '../../shell/engine/page-engine.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import type { Table } from '../../shell/exports/export-table.ts';
import { writeLink } from '../../shell/links/link.ts';
import { directions, type Frame } from './descents.ts';
import { matchTargetScript } from './export-match-target.ts';
import type { ModesLab } from './modes.svelte.ts';
import { linkModes } from './modes-link.ts';
import { modesPlace } from './place.ts';

/** Columns of both descents: one row for each step and direction, log-probabilities last. */
export const descentColumns = (bins: number): string[] => [
  'step',
  'direction',
  'expected_reward',
  'kl_policy_target',
  'kl_target_policy',
  'kl_policy_reference',
  'entropy',
  'bins_for_90_percent',
  'covered',
  ...Array.from({ length: bins }, (_, bin) => `logp_${bin}`),
];

export const descentTable = (frames: readonly Frame[], bins: number): Table => ({
  columns: descentColumns(bins),
  rows: frames.flatMap(({ step, numbers, logps }) =>
    directions.map((direction) => {
      const { expectedReward, reverseKl, forwardKl, klToReference, entropy, width, covered } = numbers[direction];
      return [step, direction, expectedReward, reverseKl, forwardKl, klToReference, entropy, width, covered, ...logps[direction]];
    }),
  ),
});

/** What both halves of the mode-seeking view share. */
const common = (lab: ModesLab, engine: PageEngine | null) => ({
  engine: engineName(engine?.backend),
  hash: writeLink(modesPlace.route, linkModes({ settings: lab.settings, step: lab.shown.step })),
});

/** The two descents of the mode-seeking view. */
export function modesExports(lab: ModesLab, engine: PageEngine | null): Exports {
  const { settings, bandit, steps, shown } = lab;
  return {
    ...common(lab, engine),
    name: 'modes',
    seen: 'Forward and reverse KL to one target on a bandit of a hundred bins.',
    state: `step ${shown.step} of ${settings.steps}`,
    seed: null,
    table: () => descentTable(steps, bandit.reference.length),
    data: () => ({ settings, bandit, shown: shown.step, descents: steps }),
    script: (options) =>
      matchTargetScript(
        settings,
        bandit,
        steps.map(({ step }) => step),
        options,
      ),
  };
}

/** The race of the mode-seeking view, as far as it has been run. Its samples are the engine's own: there is no script that draws them. */
export function raceExports(lab: ModesLab, engine: PageEngine | null): Exports {
  const { settings, bandit, race } = lab;
  return {
    ...common(lab, engine),
    name: 'race',
    seen: `A race of ${race.lanes.length} algorithms on a bandit of a hundred bins.`,
    state: `after ${race.done} of ${race.total} runs`,
    seed: settings.race.seeds === 1 ? '1' : `1 to ${settings.race.seeds}`,
    table: () => ({
      columns: ['algorithm', 'run', 'update', 'expected_reward', ...bandit.reference.map((_, bin) => `logp_${bin}`)],
      rows: race.lanes.flatMap(({ contestant, runs }) =>
        runs.flatMap((rounds, run) =>
          rounds.map(({ updates, expectedReward, outcomeLogps }) => [contestant.id, run + 1, updates, expectedReward, ...outcomeLogps]),
        ),
      ),
    }),
    data: () => ({ settings, bandit, race: race.lanes.map(({ contestant, runs }) => ({ algorithm: contestant.id, runs })) }),
  };
}
