import { sharedSuffix } from '../../atlas/toys/entanglement/shared-suffix.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { pytorchScript } from '../../shell/exports/export-pytorch.ts';
import { trajectoryTable } from '../../shell/exports/export-table.ts';
import { writeLink } from '../../shell/links/link.ts';
import { nameInFull } from '../../shell/losses/objective-view.ts';
import type { EntanglementLab } from './entanglement.svelte.ts';
import { writeEntanglement } from './entanglement-link.ts';
import { countedSuffix } from './entanglement-settings.ts';
import { entanglementPlace } from './place.ts';

/** The run of the entanglement view. */
export function entanglementExports(lab: EntanglementLab): Exports {
  const { settings, steps, shown, engine, objective } = lab;
  const experiment = { ...sharedSuffix(settings), record: Array.from({ length: settings.steps + 1 }, (_, step) => step) };
  const fork = settings.past?.at(-1);
  const update = settings.update === 'normalised' ? 'the normalised update' : nameInFull(objective);
  return {
    name: 'entanglement',
    seen: `Two answers that share ${countedSuffix(settings)} counted tokens, under ${update}${fork ? `, forked at update ${fork.until}` : ''}.`,
    state: `update ${shown.step} of ${settings.steps}`,
    seed: null,
    engine: engineName(engine?.backend),
    hash: writeLink(entanglementPlace.route, writeEntanglement({ settings, step: shown.step })),
    table: () => {
      const [start] = steps;
      if (!start) throw new Error('Nothing has been trained yet.');
      return trajectoryTable(
        { pairs: 1, outcomes: [], detail: 'pairs', geometry: true },
        start.record,
        steps.map(({ record }) => record),
        (index) => {
          const diagnosis = steps[index]?.diagnosis;
          return diagnosis ? [diagnosis.chosenGradNormSq, diagnosis.rejectedGradNormSq, diagnosis.innerProduct, diagnosis.cosine] : [];
        },
      );
    },
    data: () => ({ experiment, shown: shown.step, steps: steps.map(({ record, diagnosis }) => ({ ...record, diagnosis })) }),
    objectives: [settings.objective],
    // A script trains one stage, a forked run has several.
    script: fork ? undefined : (options) => pytorchScript(experiment, { ...options, geometry: true }),
  };
}
