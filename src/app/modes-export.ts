import { type Exports, engineName } from './export.ts';
import { matchTargetScript } from './export-match-target.ts';
import type { Table } from './export-table.ts';
import { writeLink } from './link.ts';
import { directions, type Frame, type ModesLab } from './modes.svelte.ts';
import { writeModes } from './modes-link.ts';
import type { PageEngine } from './page-engine.ts';

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

/** The two descents of the mode-seeking view, and the race as far as it has been run. */
export function modesExports(lab: ModesLab, engine: PageEngine | null): Exports {
  const { settings, bandit, frames, shown, race } = lab;
  return {
    name: 'modes',
    seen: 'Forward and reverse KL to one target on a bandit of a hundred bins.',
    state: `step ${shown.step} of ${settings.steps}; race after ${race.done} of ${race.total} runs`,
    seed: race.done > 0 ? `1 to ${settings.race.seeds} (race)` : null,
    engine: engineName(engine?.backend),
    hash: writeLink('modes', writeModes({ settings, step: shown.step })),
    table: () => descentTable(frames, bandit.reference.length),
    data: () => ({
      settings,
      bandit,
      shown: shown.step,
      descents: frames,
      race: race.lanes.map(({ contestant, runs }) => ({ contestant: contestant.id, runs })),
    }),
    script: (options) =>
      matchTargetScript(
        settings,
        bandit,
        frames.map(({ step }) => step),
        options,
      ),
  };
}
