import type { View } from '../../shell/view.ts';

export const objectivesView: View<'objectives', null> = {
  id: 'objectives',
  route: 'stop/all',
  answers: 'stop',
  title: 'Objectives',
  way: 'All objectives',
  summary: 'Every loss that this page can train with: its formula, where it comes from, and what it does in the toy.',
  parts: [
    { id: 'o-search', title: 'Search' },
    { id: 'o-list', title: 'The objectives' },
  ],
  notebook: 'your-own-loss',
  load: () => import('./open.ts'),
};
