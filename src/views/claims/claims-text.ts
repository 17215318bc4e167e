import { type Claim, type Requirement, thresholdOn, type VerdictKind } from '../../atlas/claim.ts';
import type { Paper } from '../../atlas/claims.ts';
import { significant } from '../../shell/controls/format.ts';
import type { ClaimResult, ClaimStatus } from './claims.svelte.ts';

export const backendNames = { webgpu: 'WebGPU, float32', cpu: 'CPU, float64' } as const;

/** What is required, in words: 'at least 0.6 in 95 % of the seeds'. */
export function requirementText(requirement: Requirement, backend: ClaimResult['backend'], unit = ''): string {
  const { sense, of } = requirement;
  const where = of === 'mean' ? 'on average' : of === 1 ? 'with every seed' : `with ${Math.round(100 * of)}\u202f% of the seeds`;
  return `${sense} ${significant(thresholdOn(requirement, backend))}${unit === '' ? '' : `\u00a0${unit}`} ${where}`;
}

/** What was measured, in words: '0.69, from 0.68 to 0.70; 5 of 5 seeds reach it'. */
export function resultText({ verdict }: ClaimResult, { requirement, unit = '' }: Claim): string {
  const { mean, lowest, highest, reached, total } = verdict;
  const [low, high] = [significant(lowest), significant(highest)];
  const spread = low === high ? '' : `, from ${low} to ${high}`;
  const share = requirement.of === 'mean' ? `, over ${total} seeds` : `; ${reached} of ${total} seeds reach it`;
  return `${significant(mean)}${unit === '' ? '' : `\u00a0${unit}`}${spread}${share}`;
}

/** Whether a verdict is the one that is known to come out; a claim that was too close to call says nothing against it. */
export const isSurprise = (claim: Claim, kind: VerdictKind): boolean => kind !== 'inconclusive' && kind !== claim.expected;

/** How many claims came to which end. */
export function tally(statuses: readonly ClaimStatus[]): Record<VerdictKind | 'open', number> {
  const counts = { holds: 0, 'does not hold': 0, inconclusive: 0, open: 0 };
  for (const status of statuses) counts[status.kind === 'measured' ? status.result.verdict.kind : 'open']++;
  return counts;
}

/** All that was measured, as text to paste. */
export function resultsAsText(papers: readonly Paper[], claims: readonly Claim[], status: (claim: Claim) => ClaimStatus): string {
  return papers
    .map((paper) => {
      const lines = claims
        .filter((claim) => claim.paper === paper.id)
        .flatMap((claim) => {
          const now = status(claim);
          if (now.kind !== 'measured') return [];
          const { result } = now;
          return [
            `${result.verdict.kind.toUpperCase()}: ${claim.title} (${claim.where})`,
            `  ${claim.statement}`,
            `  measured: ${resultText(result, claim)} (${claim.measured})`,
            `  required: ${requirementText(claim.requirement, result.backend, claim.unit)}`,
            `  on ${backendNames[result.backend]}, ${result.seeds} seeds from ${result.seed}`,
          ];
        });
      return lines.length === 0 ? '' : [`${paper.title} (arXiv:${paper.id})`, ...lines].join('\n');
    })
    .filter((text) => text !== '')
    .join('\n\n');
}
