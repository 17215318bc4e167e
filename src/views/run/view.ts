import type { View } from '../../shell/view.ts';
import { runPlace } from './place.ts';
import type { RunLab } from './run.svelte.ts';

export const runView: View<'run', RunLab> = {
  ...runPlace,
  answers: 'mine',
  title: 'Your run',
  parts: [
    { id: 'run-picture', title: 'The log' },
    { id: 'run-reading', title: 'What it shows' },
    { id: 'run-facts', title: 'All that was read' },
  ],
  load: () => import('./open.ts'),
};
