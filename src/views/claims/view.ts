import type { View } from '../../shell/view.ts';
import type { ClaimsLab } from './claims.svelte.ts';
import { claimsPlace } from './place.ts';

export const claimsView: View<'claims', ClaimsLab> = {
  ...claimsPlace,
  answers: null,
  title: 'Claims',
  summary: 'What papers claim about preference losses, run again here with a verdict for each.',
  parts: [
    { id: 'claims-tools', title: 'Run all claims' },
    { id: 'claims-list', title: 'The claims' },
  ],
  load: () => import('./open.ts'),
};
