import type { View } from '../../shell/view.ts';
import type { PairsLab } from './pairs.svelte.ts';

export const pairsView: View<'pairs', PairsLab> = {
  id: 'pairs',
  route: 'mine/pairs',
  answers: 'mine',
  title: 'Your pairs',
  parts: [
    { id: 'pairs-results', title: 'What the training did' },
    { id: 'pairs-file', title: 'The file and its settings' },
    { id: 'pairs-more', title: 'Loss, ranking and words' },
    { id: 'pairs-every', title: 'Every pair' },
    { id: 'pairs-model', title: 'Your own model' },
  ],
  notebook: 'your-own-pairs',
  isUnderBadge: true,
  load: () => import('./open.ts'),
};
