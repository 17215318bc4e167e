import type { View } from '../../shell/view.ts';

export const deviceView: View<'device', null> = {
  id: 'device',
  route: 'device',
  answers: null,
  title: 'This device',
  parts: [
    { id: 'd-run', title: 'Time the kernels' },
    { id: 'd-times', title: 'The times', isReadOnly: true },
  ],
  notebook: 'numbers',
  load: () => import('./open.ts'),
};
