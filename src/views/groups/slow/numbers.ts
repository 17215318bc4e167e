import { fixed, signed } from '../../../shell/controls/format.ts';
import type { DrawnAnswer } from './group-update.ts';
import type { NumberRow } from './pointed.ts';

/** A reward: 0 and 1 are the checker's, others have decimals. */
export const rewardText = (reward: number): string => fixed(reward, Number.isInteger(reward) ? 0 : 3);

/** Each number of an answer as the picture and the formula both print it. */
export function numberText(row: NumberRow, one: DrawnAnswer): string {
  switch (row) {
    case 'answer':
      return String(one.answer);
    case 'reward':
      return rewardText(one.reward);
    case 'advantage':
      return one.advantage ? signed(one.advantage.value, 2) : '–';
    case 'ratio':
      return fixed(one.ratio, 3);
    default:
      return one.push === null ? '…' : signed(one.push, 2);
  }
}
