import type { PolicyNumbers } from './modes.ts';

export const directions = ['forward', 'reverse'] as const;
export type Direction = (typeof directions)[number];

/** The policies of both directions at one step: log-probabilities over the bins, and what the page reports of them. */
export interface Frame {
  readonly step: number;
  readonly logps: Readonly<Record<Direction, readonly number[]>>;
  readonly numbers: Readonly<Record<Direction, PolicyNumbers>>;
}

/** Who leads in expected reward by more than 1e-4: below 0 forward, above 0 reverse KL; 0: neither. */
export function leadOf({ numbers: { forward, reverse } }: Pick<Frame, 'numbers'>): number {
  const gap = reverse.expectedReward - forward.expectedReward;
  return Math.abs(gap) < 1e-4 ? 0 : Math.sign(gap);
}

/** The first kept step at which the other direction leads in expected reward, by more than 1e-4; null: the lead does not change. */
export function leadChange(frames: readonly Frame[]): { readonly step: number; readonly to: Direction } | null {
  let lead = 0;
  for (const { step, numbers } of frames) {
    const now = leadOf({ numbers });
    if (lead !== 0 && now !== 0 && now !== lead) return { step, to: now > 0 ? 'reverse' : 'forward' };
    if (now !== 0) lead = now;
  }
  return null;
}

/** What is kept of a step of both descents. */
export type DescentPoint = Pick<Frame, 'step' | 'numbers'>;
