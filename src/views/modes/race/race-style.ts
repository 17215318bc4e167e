import type { Contestant } from '../../../atlas/toys/modes/race.ts';

/** A colour for each family; offline and online differ by their dash, so that no two lines differ by colour alone and dash alone. */
export const raceColours: Readonly<Record<Contestant['family'], string>> = {
  sft: 'var(--olive)',
  'best-of-n': 'var(--chosen)',
  dpo: 'var(--rejected)',
  ipo: 'var(--gainer)',
  rwr: 'var(--teal)',
  reinforce: 'var(--ink)',
  ppo: 'var(--other)',
};

/** Dashed: sampled from the reference; solid: from the policy as it is. */
export const raceDash = ({ source }: Contestant): string | undefined => (source === 'start' ? '8 5' : undefined);

/** The name at a line's end, where there is little room. */
export const chartLabel = ({ label }: Contestant): string => label.replace('Best-of-N', 'BoN');
