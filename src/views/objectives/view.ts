import type { View } from '../../shell/view.ts';

export const objectivesView: View<'objectives', null> = {
  id: 'objectives',
  title: 'Objectives',
  parts: [
    { id: 'o-search', title: 'Search' },
    { id: 'o-list', title: 'The objectives' },
  ],
  notebook: 'your-own-loss',
  load: () => import('./open.ts'),
};
