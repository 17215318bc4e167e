import type { View } from '../../shell/view.ts';
import type { PapersLab } from './papers.svelte.ts';
import { papersPlace } from './place.ts';

export const papersView: View<'papers', PapersLab> = {
  ...papersPlace,
  answers: 'mine',
  title: 'Papers',
  parts: [
    { id: 'papers-find', title: 'Search and themes' },
    { id: 'papers-list', title: 'The papers', isReadOnly: true },
    { id: 'paper-picture', title: 'A paper’s picture' },
    { id: 'paper-change', title: 'A paper’s parameters' },
    { id: 'paper-more', title: 'Claims, formula, and the toy beside the paper' },
  ],
  notebook: 'a-study',
  load: () => import('./open.ts'),
};
