import type { View } from '../../shell/view.ts';
import type { StopLab } from './stop.svelte.ts';

export const stopView: View<'stop', StopLab> = {
  id: 'stop',
  title: 'Can I stop it?',
  parts: [
    { id: 'play', title: 'Play all runs' },
    { id: 'runs', title: 'Eight losses from one start' },
    { id: 'own', title: 'Your own loss' },
    { id: 'where', title: 'Where it happens, and all objectives' },
  ],
  isUnderBadge: true,
  load: () => import('./open.ts'),
};
