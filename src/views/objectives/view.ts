import type { View } from '../../shell/view.ts';
import type { CatalogueLab } from './catalogue.svelte.ts';

export const objectivesView: View<'objectives', CatalogueLab> = {
  id: 'objectives',
  route: 'stop/all',
  answers: 'stop',
  title: 'Objectives',
  way: 'All objectives',
  summary: 'Every loss of the catalogue: its formula, where it comes from, and what it does in the toy.',
  parts: [
    { id: 'o-search', title: 'Search' },
    { id: 'o-list', title: 'The objectives' },
  ],
  notebook: 'your-own-loss',
  load: () => import('./open.ts'),
};
