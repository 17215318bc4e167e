/** What the run can show: the shares of all answers, or the two that the loss reads. The first is what the page begins with. */
export const lenses = ['says', 'sees'] as const;
export type Lens = (typeof lenses)[number];
