import { field, fieldOf } from '../../shell/teach/keep.ts';
import type { View } from '../../shell/view.ts';
import type { ModesLab } from './modes.svelte.ts';
import { modesPlace } from './place.ts';

export const modesView: View<'modes', ModesLab> = {
  ...modesPlace,
  answers: 'why',
  title: 'Mode-seeking',
  way: 'Which peak it picks',
  parts: [
    { id: 'm-bandit', title: 'Draw the bandit' },
    { id: 'm-match', title: 'Forward and reverse KL' },
    { id: 'm-play', title: 'Play, step and timeline' },
    { id: 'm-moments', title: 'Explain this moment' },
    { id: 'm-runs', title: 'The runs so far' },
    { id: 'm-first', title: 'The first step', isReadOnly: true },
    { id: 'm-race', title: 'The race of algorithms' },
    { id: 'm-words', title: 'What this shows', isReadOnly: true },
  ],
  controls: [
    { id: 'm-reward', title: 'Reward: peak, width and drawing', part: 'm-bandit', keep: field('reward') },
    { id: 'm-beta', title: 'Temperature of the target: β', part: 'm-bandit', keep: field('beta') },
    { id: 'm-reference', title: 'Reference', part: 'm-bandit', keep: field('reference') },
    { id: 'm-start', title: 'Start of the descent', part: 'm-bandit', keep: field('start') },
    { id: 'm-data', title: 'Offline data of the race', part: 'm-bandit', keep: field('data') },
    { id: 'm-rate', title: 'Step size', part: 'm-match', keep: field('learningRate') },
    { id: 'm-steps', title: 'Steps', part: 'm-match', keep: field('steps') },
    { id: 'm-bins', title: 'Bins a and b', part: 'm-first', keep: field('bins') },
    { id: 'm-contestants', title: 'Algorithms', part: 'm-race', keep: fieldOf('race', 'contestants') },
    { id: 'm-seeds', title: 'Seeds', part: 'm-race', keep: fieldOf('race', 'seeds') },
    { id: 'm-samples', title: 'Samples in a group', part: 'm-race', keep: fieldOf('race', 'n') },
    { id: 'm-rounds', title: 'Rounds', part: 'm-race', keep: fieldOf('race', 'rounds') },
    { id: 'm-race-rate', title: 'Learning rate of the race', part: 'm-race', keep: fieldOf('race', 'learningRate') },
    { id: 'm-race-gap', title: 'Smallest reward gap of a pair', part: 'm-race', keep: fieldOf('race', 'threshold') },
    { id: 'm-race-data', title: 'Offline data: fresh or fixed', part: 'm-race', keep: fieldOf('race', 'sampling') },
  ],
  notebook: 'mode-seeking',
  isUnderBadge: true,
  lesson: { title: 'Forward KL beside reverse KL', load: async () => (await import('./lesson.ts')).modesLesson },
  load: () => import('./open.ts'),
};
