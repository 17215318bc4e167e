import { noOverNever } from '../../atlas/toys/no-over-never.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { pytorchScript } from '../../shell/exports/export-pytorch.ts';
import { trajectoryTable } from '../../shell/exports/export-table.ts';
import { writeLink } from '../../shell/links/link.ts';
import { writeDisplacement } from './displacement-link.ts';
import { displacementPlace } from './place.ts';
import type { Session } from './session.svelte.ts';

/** The run of the displacement view. */
export function displacementExports(session: Session): Exports {
  const { settings, cast, shown, start, steps, engine, objective } = session;
  const experiment = noOverNever(settings);
  const fork = settings.past?.at(-1);
  return {
    name: 'displacement',
    seen: `The “No over Never” toy under ${objective.title}, trained: ${settings.train}${fork ? `, forked at update ${fork.until}` : ''}.`,
    state: `update ${shown.step} of ${settings.steps}`,
    seed: null,
    engine: engineName(engine?.backend),
    hash: writeLink(displacementPlace.route, writeDisplacement({ settings, step: shown.step })),
    table: () => trajectoryTable({ pairs: 1, outcomes: cast.tokens, detail: 'pairs', geometry: false }, start, steps),
    data: () => ({ experiment, tokens: cast.tokens, shown: shown.step, steps }),
    objectives: [settings.objective],
    // A script trains one stage, a forked run has several.
    script: fork ? undefined : (options) => pytorchScript(experiment, { ...options, outcomes: cast.tokens }),
  };
}
