import type { View } from '../../shell/view.ts';
import type { PairsLab } from './pairs.svelte.ts';

export const pairsView: View<'pairs', PairsLab> = {
  id: 'pairs',
  title: 'Your pairs',
  parts: [
    { id: 'pairs-file', title: 'The file, its settings and Train' },
    { id: 'pairs-results', title: 'What the training did' },
    { id: 'pairs-every', title: 'Every pair' },
    { id: 'pairs-model', title: 'Your own model' },
  ],
  notebook: 'your-own-pairs',
  isUnderBadge: true,
  load: () => import('./open.ts'),
};
