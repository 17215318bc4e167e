import type { View } from '../../shell/view.ts';
import type { CatalogueLab } from './catalogue.svelte.ts';

export const objectivesView: View<'objectives', CatalogueLab> = {
  id: 'objectives',
  route: 'stop/all',
  answers: 'stop',
  title: 'Objectives',
  way: 'All objectives',
  parts: [
    { id: 'o-search', title: 'Search' },
    { id: 'o-list', title: 'The objectives' },
  ],
  notebook: 'your-own-loss',
  load: () => import('./open.ts'),
};
