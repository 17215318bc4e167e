import type { View } from '../../shell/view.ts';
import { stopPlace } from './place.ts';
import type { StopLab } from './stop.svelte.ts';

export const stopView: View<'stop', StopLab> = {
  ...stopPlace,
  answers: 'stop',
  title: 'Can I stop it?',
  way: 'Eight losses side by side',
  parts: [
    { id: 's-play', title: 'Play all runs' },
    { id: 's-runs', title: 'Eight losses from one start' },
    { id: 's-own', title: 'Your own loss' },
    { id: 's-moving', title: 'A reference that moves' },
    { id: 's-where', title: 'Where it happens, and all objectives' },
  ],
  isUnderBadge: true,
  load: () => import('./open.ts'),
};
