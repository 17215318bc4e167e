import type { View } from '../../shell/view.ts';
import type { AnswersLab } from './answers.svelte.ts';
import { answersPlace } from './place.ts';

export const answersView: View<'answers', AnswersLab> = {
  ...answersPlace,
  answers: null,
  title: 'Answers',
  parts: [
    { id: 'answers-list', title: 'All questions', isReadOnly: true },
    { id: 'answer-picture', title: 'An answer’s picture' },
    { id: 'answer-change', title: 'An answer’s parameters' },
    { id: 'answer-more', title: 'Claim, settings in TRL, paper' },
  ],
  notebook: 'a-study',
  roomEntries: async () => (await import('./room-entries.ts')).roomEntries,
  load: () => import('./open.ts'),
};
