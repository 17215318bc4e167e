import type { View } from '../../shell/view.ts';
import type { ClaimsLab } from './claims.svelte.ts';

export const claimsView: View<'claims', ClaimsLab> = {
  id: 'claims',
  title: 'Claims',
  parts: [
    { id: 'claims-tools', title: 'Run all claims' },
    { id: 'claims-list', title: 'The claims' },
  ],
  load: () => import('./open.ts'),
};
