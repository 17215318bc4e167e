import type { Mark } from '../../charts/marks.ts';

const styles: readonly { readonly colour: string; readonly dash: string; readonly mark: Mark }[] = [
  { colour: 'var(--teal)', dash: '12 5', mark: 'square' },
  { colour: 'var(--olive)', dash: '5 5', mark: 'diamond' },
  { colour: 'var(--other)', dash: '12 4 3 4', mark: 'circle' },
  { colour: 'var(--ink-muted)', dash: '2 5', mark: 'square' },
];

/** How a run that is compared is drawn, by its place in the comparison: a colour, a dash and a mark of its own. */
export const runStyle = (place: number): (typeof styles)[number] => styles[Math.max(0, place) % styles.length] as (typeof styles)[number];
