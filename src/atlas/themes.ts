/** What papers of the reading list are about, in the order of a course. */
export const themes = {
  pairs: 'What a comparison can say',
  falls: 'When the good answer falls',
  noise: 'Wrong labels, weak labels',
  judges: 'Who judges',
  sampling: 'Where a run starts, what it samples',
  people: 'Many aims, many people',
  time: 'Tokens and time',
  beyond: 'Beyond text',
} as const;
export type Theme = keyof typeof themes;
