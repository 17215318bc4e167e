import type { FirstStep } from '../../atlas/toys/modes/first-step.ts';
import { significant } from '../../shell/controls/format.ts';

/** What the two bins show, in words and with the numbers that decide it. Every sentence is conditional on them. */
export function firstStepWords(step: FirstStep, a: number, b: number): readonly string[] {
  const { forward, reverse, divergence: K, p, q, excess, kind } = step;
  const faster = reverse > forward ? 'Reverse' : 'Forward';
  const verdict =
    reverse === forward
      ? 'Both directions move the log-ratio of a to b alike.'
      : `${faster} KL moves the log-ratio of a to b further up: ${significant(Math.max(forward, reverse))} η against ${significant(Math.min(forward, reverse))} η.`;
  switch (kind) {
    case 'equal start': {
      const L = step.logarithmicMean;
      if (q[0] === q[1]) return [verdict];
      const likelier = q[0] > q[1] ? a : b;
      return [
        verdict,
        `Both bins start with the same probability p = ${significant(p[0])}. Then reverse KL favours the one likelier in the target, bin ${likelier}, more than forward KL does exactly where p is above the logarithmic mean L(q_a, q_b) = ${significant(L)}: ${p[0] > L ? 'it is' : 'it is not'}.`,
      ];
    }
    case 'equal target': {
      const [high, low] = p[0] > p[1] ? [p[0], p[1]] : [p[1], p[0]];
      const ahead = p[0] > p[1] ? a : b;
      const target = q[0];
      const words = [verdict, `The target gives both bins q = ${significant(target)}; bin ${ahead} is ahead at the start.`];
      if (target > high * Math.exp(1 - K))
        words.push(
          `q is above p e^(1 − K) = ${significant(high * Math.exp(1 - K))} of the bin ahead, with K = ${significant(K)}: reverse KL widens the lead, forward KL closes it. The rich get richer.`,
        );
      else if (target > high * Math.exp(-K))
        words.push(
          `q is above p e^(−K) = ${significant(high * Math.exp(-K))} of the bin ahead, with K = ${significant(K)}: reverse KL favours it more than forward KL does.`,
        );
      else if (target < low * Math.exp(-K))
        words.push(
          `q is below p e^(−K) = ${significant(low * Math.exp(-K))} of the bin behind, with K = ${significant(K)}: reverse KL favours the bin ahead less than forward KL does.`,
        );
      else words.push('q lies between the known bounds, where only the exact formulas decide.');
      return words;
    }
    default: {
      const side = (index: 0 | 1, bin: number): string => {
        const u = q[index] / p[index];
        return `bin ${bin} has q/p = ${significant(u)}, so φ = ${significant(excess[index])} is ${excess[index] < K ? 'below' : 'above'} K = ${significant(K)}: its logit ends ${excess[index] < K ? 'higher' : 'lower'} by reverse KL than by forward KL`;
      };
      return [
        verdict,
        `Bin by bin, one step of reverse KL leaves a logit higher than one of forward KL exactly where φ(q/p) = q/p − 1 − log(q/p) is below its mean under p, which is K = KL(p ‖ q). Here ${side(0, a)}; ${side(1, b)}.`,
      ];
    }
  }
}
