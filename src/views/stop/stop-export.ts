import { movingWords } from '../../shell/experiment/moving-words.ts';
import { type Exports, engineName } from '../../shell/exports/export.ts';
import { writeLink } from '../../shell/links/link.ts';
import { nameInFull } from '../../shell/losses/objective-view.ts';
import type { StopLab } from './stop.svelte.ts';
import { writeStop } from './stop-link.ts';

/** Every run of the view, step by step. */
export function stopExports(lab: StopLab): Exports {
  const { runs, ownRun, movingRun, settings, cast, playhead, objective } = lab;
  const all = [...runs, ...[ownRun, movingRun].filter((run) => run !== null)];
  return {
    name: 'stop',
    seen: `The “No over Never” toy from one start, under eight losses, each at a step size that matches DPO’s first push. The files of numbers hold two more: ${nameInFull(objective)}; and DPO with a reference that ${movingWords(settings.sync)} (TR-DPO).`,
    state: `update ${playhead.step} of ${settings.steps}`,
    seed: null,
    engine: engineName(lab.trainedOn),
    hash: writeLink('stop', writeStop(lab.link)),
    table: () => ({
      columns: ['trained_with', 'step_size', 'step', 'loss', ...cast.tokens.map((token) => `p_${token}`)],
      rows: all.flatMap(({ name, settings: { learningRate }, states }) =>
        states.map(({ step, loss, probs = [] }) => [name, learningRate, step, loss, ...probs]),
      ),
    }),
    data: () => ({ settings, tokens: cast.tokens, shown: playhead.step, runs: all }),
    words: { csv: 'every run, step by step', json: 'settings and every run' },
  };
}
