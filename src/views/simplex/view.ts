import type { View } from '../../shell/view.ts';
import { simplexPlace } from './place.ts';
import type { SimplexLab } from './simplex.svelte.ts';

export const simplexView: View<'simplex', SimplexLab> = {
  ...simplexPlace,
  answers: 'why',
  title: 'Simplex',
  way: 'On the triangle',
  parts: [
    { id: 's-picture', title: 'The triangle' },
    { id: 's-words', title: 'What this shows', isReadOnly: true },
    { id: 's-numbers', title: 'The numbers', isReadOnly: true },
    { id: 's-vectors', title: 'The vectors' },
    { id: 's-free', title: 'Free logits', isReadOnly: true },
    { id: 's-path', title: 'The trajectory' },
    { id: 's-settings', title: 'Change the picture' },
  ],
  load: () => import('./open.ts'),
};
