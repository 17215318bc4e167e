import { expectedReward, klDivergence } from '../../core/exact.ts';
import { fixed, significant } from '../../shell/controls/format.ts';
import type { Moment } from '../../shell/runs/moment.ts';
import { type Direction, type Frame, leadOf } from './descents.ts';
import type { Bandit } from './modes.ts';

const names: Readonly<Record<Direction, string>> = { forward: 'Forward KL', reverse: 'Reverse KL' };
const both: readonly Direction[] = ['forward', 'reverse'];

/** What a step of gradient descent on free logits does to a bin's logit, for each unit of step size. */
function push(direction: Direction, logp: number, logq: number, divergence: number): string {
  const [p, q] = [Math.exp(logp), Math.exp(logq)];
  return direction === 'forward'
    ? `q − p = ${significant(q)} − ${significant(p)} = ${significant(q - p)}`
    : `p (log q/p + K) = ${significant(p)} × ${significant(logq - logp + divergence)} = ${significant(p * (logq - logp + divergence))}`;
}

/** Who leads in expected reward, who arrives, and which of the two watched bins is ahead. Steps are those that were kept. */
export function modesMoments(frames: readonly Frame[], bandit: Bandit, [a, b]: readonly [number, number]): Moment[] {
  const moments: Moment[] = [];
  const best = expectedReward(bandit.target, bandit.rewards);
  const arrived = new Set<Direction>();
  /** the last that led */
  let leads = 0;
  for (const [index, frame] of frames.entries()) {
    const before = frames[index - 1];
    if (!before) continue;
    const { numbers, logps, step } = frame;
    const lead = leadOf(frame);
    if (lead !== 0 && lead !== leads) {
      const [ahead, behind]: [Direction, Direction] = lead > 0 ? ['reverse', 'forward'] : ['forward', 'reverse'];
      const top = bandit.rewards.indexOf(Math.max(...bandit.rewards));
      const logq = bandit.target[top] ?? Number.NaN;
      const at = (direction: Direction): string =>
        push(direction, logps[direction][top] ?? Number.NaN, logq, klDivergence(logps[direction], bandit.target));
      moments.push({
        step,
        title: `${names[ahead]} ${leads === 0 ? 'takes the lead' : 'overtakes'}`,
        words: `Expected reward ${fixed(numbers[ahead].expectedReward, 4)} against ${fixed(numbers[behind].expectedReward, 4)}. The best bin, ${top}, is pushed by ${at(ahead)} under it, by ${at(behind)} under the other.`,
      });
      leads = lead;
    }
    for (const direction of both) {
      if (!arrived.has(direction) && Math.abs(numbers[direction].expectedReward - best) <= 0.01 * best) {
        arrived.add(direction);
        moments.push({
          step,
          title: `${names[direction]} earns about what the target does`,
          words: `Its expected reward, ${fixed(numbers[direction].expectedReward, 4)}, is within 1 % of the target’s ${fixed(best, 4)}; KL(π ‖ q) is ${significant(numbers[direction].reverseKl)}, KL(q ‖ π) ${significant(numbers[direction].forwardKl)}.`,
        });
      }
      const gap = (of: Frame): number => (of.logps[direction][a] ?? Number.NaN) - (of.logps[direction][b] ?? Number.NaN);
      if (gap(frame) * gap(before) < 0) {
        const [first, second] = gap(frame) > 0 ? [a, b] : [b, a];
        const divergence = klDivergence(before.logps[direction], bandit.target);
        const at = (bin: number): string =>
          push(direction, before.logps[direction][bin] ?? Number.NaN, bandit.target[bin] ?? Number.NaN, divergence);
        moments.push({
          step,
          title: `${names[direction]}: bin ${first} overtakes bin ${second}`,
          words: `At step ${before.step} the push on bin ${first} was ${at(first)}, on bin ${second} ${at(second)}${direction === 'reverse' ? `, with K = KL(π ‖ q) = ${significant(divergence)}` : ''}.`,
        });
      }
    }
  }
  return moments;
}
