import { noOverNever } from '../../atlas/toys/displacement/no-over-never.ts';
import { referenceSync } from '../../atlas/toys/moving-reference.ts';
import { overtakingOf } from '../../core/regime.ts';
import { setting } from '../../shell/controls/format.ts';
import { movingWords } from '../../shell/experiment/moving-words.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { pytorchScript } from '../../shell/exports/export-pytorch.ts';
import { trajectoryTable } from '../../shell/exports/export-table.ts';
import { usualSampling } from '../../shell/exports/trl-groups.ts';
import { writeLink } from '../../shell/links/link.ts';
import { nameInFull } from '../../shell/losses/objective-view.ts';
import { tellRun } from '../../shell/runs/run-words.ts';
import { writeDisplacement } from './displacement-link.ts';
import { membersOf, sumOf, type Unit } from './groups.ts';
import { displacementPlace } from './place.ts';
import type { Session } from './session.svelte.ts';

/** The run of the displacement view. */
export function displacementExports(session: Session): Exports {
  const { settings, cast, shown, start, steps, engine, objective, displacements } = session;
  const groups = session.bars.units.filter(({ tokens }) => tokens.length > 1);
  const tellGroup = ({ name, tokens }: Unit): string => {
    const members = membersOf(tokens, cast.tokens);
    return name === members ? ` ${name} is shown as one.` : ` “${name}” is ${members}, shown as one.`;
  };
  const experiment = noOverNever(settings);
  const fork = settings.past?.at(-1);
  return {
    name: 'displacement',
    seen: `The “No over Never” toy under ${nameInFull(objective)}, trained: ${settings.train}, step size ${setting(settings.learningRate)}${fork ? `, forked at update ${fork.until}` : ''}.${settings.sync ? ` The reference ${movingWords(settings.sync)} (TR-DPO).` : ''}${groups.map(tellGroup).join('')}`,
    told: tellRun(steps, cast, displacements),
    state: `update ${shown.step} of ${settings.steps}`,
    seed: null,
    engine: engineName(engine?.backend),
    hash: writeLink(displacementPlace.route, writeDisplacement({ settings, groups: session.groups, step: shown.step })),
    table: () => {
      const { columns, rows } = trajectoryTable({ pairs: 1, outcomes: cast.tokens, detail: 'pairs', geometry: false }, start, steps);
      return {
        columns: [...columns, ...groups.map(({ name }) => `p_${name}`)],
        rows: rows.map((row, index) => [...row, ...groups.map(({ tokens }) => sumOf(steps[index]?.probs, tokens))]),
      };
    },
    data: () => ({
      experiment,
      objective: nameInFull(objective),
      tokens: cast.tokens,
      ...(groups.length > 0
        ? { groups: groups.map(({ name, tokens }) => ({ name, answers: tokens.map((token) => cast.tokens[token]) })) }
        : {}),
      shown: shown.step,
      displacements,
      overtaking: overtakingOf(steps, cast),
      steps,
    }),
    objectives: [settings.objective],
    ...(settings.sync ? { sampling: { ...usualSampling, sync: referenceSync(settings.sync) } } : {}),
    // A script trains one stage, a forked run has several.
    script: fork ? undefined : (options) => pytorchScript(experiment, { ...options, outcomes: cast.tokens }),
  };
}
