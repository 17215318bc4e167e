import type { View } from '../../shell/view.ts';
import type { PhaseMap } from './phase-map.svelte.ts';
import { mapPlace } from './place.ts';

export const mapView: View<'map', PhaseMap> = {
  ...mapPlace,
  answers: 'stop',
  title: 'Phase map',
  way: 'Where it happens',
  parts: [
    { id: 'map-choices', title: 'Toy, colour and axes' },
    { id: 'map-picture', title: 'The map' },
    { id: 'map-state', title: 'Train again and save' },
    { id: 'map-run', title: 'The run at the pointer' },
    { id: 'map-probes', title: 'The runs kept to compare' },
    { id: 'map-shared', title: 'What every run has' },
  ],
  notebook: 'phase-map',
  isUnderBadge: true,
  load: () => import('./open.ts'),
  ahead: async (engine, experiment) => (await import('./ahead.ts')).ahead(engine, experiment),
};
