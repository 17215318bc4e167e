import { choice, field, parameters, whichObjective } from '../../shell/teach/keep.ts';
import type { View } from '../../shell/view.ts';
import { displacementPlace } from './place.ts';
import type { Session } from './session.svelte.ts';

export const displacementView: View<'displacement', Session> = {
  ...displacementPlace,
  answers: 'why',
  title: 'Displacement',
  way: 'The run',
  parts: [
    { id: 'play', title: 'Play, step and timeline' },
    { id: 'story', title: 'What happens, in words', isReadOnly: true },
    { id: 'bars', title: 'Probability of each answer', isReadOnly: true },
    { id: 'curves', title: 'Curves over the steps', isReadOnly: true },
    { id: 'verdict', title: 'Benign or catastrophic' },
    { id: 'settings', title: 'Change the run' },
    { id: 'moments', title: 'Explain this moment' },
    { id: 'vectors', title: 'The vectors' },
    { id: 'loss', title: 'The objective' },
    { id: 'why', title: 'Why it happens', isReadOnly: true },
    { id: 'runs', title: 'The runs so far' },
    { id: 'pair-set', title: 'A set of pairs' },
  ],
  picture: ['play', 'story', 'bars', 'curves'],
  controls: [
    { id: 'train', title: 'What is trained', part: 'settings', keep: choice('train', 'learningRate', 'scale') },
    { id: 'rate', title: 'Learning rate', part: 'settings', keep: field('learningRate') },
    { id: 'params', title: 'β and other parameters of the objective', part: 'settings', keep: parameters, with: 'objective' },
    { id: 'scale', title: 'Scale', part: 'settings', keep: field('scale') },
    { id: 'steps', title: 'Updates', part: 'settings', keep: field('steps') },
    { id: 'reference', title: 'The reference', part: 'settings', keep: field('sync') },
    { id: 'objective', title: 'Choice of the objective', part: 'loss', keep: whichObjective },
  ],
  notebook: 'displacement',
  lesson: { title: 'What becomes of the preferred answer?', load: async () => (await import('./lesson.ts')).displacementLesson },
  load: () => import('./open.ts'),
};
