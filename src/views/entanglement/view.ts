import { choice, field, parameters, whichObjective } from '../../shell/teach/keep.ts';
import type { View } from '../../shell/view.ts';
import type { EntanglementLab } from './entanglement.svelte.ts';
import { entanglementPlace } from './place.ts';
import { mask, sharedTokens } from './suffix-keep.ts';

export const entanglementView: View<'entanglement', EntanglementLab> = {
  ...entanglementPlace,
  answers: 'why',
  title: 'Entanglement',
  way: 'Tug of war',
  parts: [
    { id: 'e-cases', title: 'Introduction and cases' },
    { id: 'e-play', title: 'Play, step and timeline' },
    { id: 'e-settings', title: 'Change the two answers' },
    { id: 'e-plane', title: 'The two gradients', isReadOnly: true },
    { id: 'e-curves', title: 'Curves over the steps', isReadOnly: true },
    { id: 'e-moments', title: 'Explain this moment' },
    { id: 'e-runs', title: 'The runs so far' },
    { id: 'e-interval', title: 'The interval and the objectives' },
    { id: 'e-measure', title: 'Prediction against the actual step', isReadOnly: true },
  ],
  controls: [
    { id: 'e-suffix', title: 'Shared tokens', part: 'e-settings', keep: sharedTokens },
    { id: 'e-first', title: 'Either first token', part: 'e-settings', keep: field('first') },
    { id: 'e-p', title: 'Shared, after chosen: p', part: 'e-settings', keep: field('afterChosen') },
    { id: 'e-p2', title: 'Shared, after rejected: p′', part: 'e-settings', keep: field('afterRejected') },
    { id: 'e-objective', title: 'Choice of the objective', part: 'e-settings', keep: whichObjective },
    { id: 'e-params', title: 'β and other parameters of the objective', part: 'e-settings', keep: parameters, with: 'e-objective' },
    { id: 'e-rate', title: 'Learning rate', part: 'e-settings', keep: field('learningRate') },
    { id: 'e-steps', title: 'Updates', part: 'e-settings', keep: field('steps') },
    { id: 'e-update', title: 'Remedy: normalised pair update', part: 'e-settings', keep: choice('update', 'learningRate') },
    { id: 'e-mask', title: 'Remedy: mask the shared tokens', part: 'e-settings', keep: mask },
  ],
  notebook: 'entanglement',
  lesson: { title: 'When two answers share words', load: async () => (await import('./lesson.ts')).entanglementLesson },
  load: () => import('./open.ts'),
};
