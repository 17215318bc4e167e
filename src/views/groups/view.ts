import { field } from '../../shell/teach/keep.ts';
import type { View } from '../../shell/view.ts';
import type { GroupsLab } from './groups.svelte.ts';
import { groupsPlace } from './place.ts';

export const groupsView: View<'groups', GroupsLab> = {
  ...groupsPlace,
  answers: 'why',
  title: 'Groups of own answers',
  way: 'What it learns from its own answers',
  parts: [
    { id: 'g-picture', title: 'One update, slowly, or the race of methods' },
    { id: 'g-settings', title: 'Methods and settings' },
    { id: 'g-standings', title: 'The race in numbers' },
    { id: 'g-words', title: 'What is exact here, and what is left out', isReadOnly: true },
  ],
  controls: [
    { id: 'g-methods', title: 'Methods', part: 'g-settings', keep: field('methods') },
    { id: 'g-world', title: 'Shared features or free logits', part: 'g-settings', keep: field('world') },
    { id: 'g-size', title: 'Answers in a group', part: 'g-settings', keep: field('groupSize') },
    { id: 'g-rate', title: 'Step size', part: 'g-settings', keep: field('learningRate') },
    { id: 'g-reuse', title: 'Updates on the same answers', part: 'g-settings', keep: field('reuse') },
    { id: 'g-scale', title: 'What advantages are divided by', part: 'g-settings', keep: field('scale') },
    { id: 'g-clip', title: 'Clip, low and high', part: 'g-settings', keep: field('epsilon') },
    { id: 'g-kl', title: 'KL estimator', part: 'g-settings', keep: field('kl') },
    { id: 'g-beta', title: 'Weight of the KL to the start', part: 'g-settings', keep: field('beta') },
  ],
  isUnderBadge: true,
  load: () => import('./open.ts'),
};
