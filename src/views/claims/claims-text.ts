import { type Claim, type Requirement, thresholdOn, type Verdict, type VerdictKind } from '../../atlas/claim.ts';
import type { Paper } from '../../atlas/papers.ts';
import { seedsToShow } from '../../atlas/verdict.ts';
import { significant } from '../../shell/controls/format.ts';
import type { ClaimResult, ClaimStatus } from './claims.svelte.ts';

export const backendNames = { webgpu: 'WebGPU, float32', cpu: 'CPU, float64' } as const;

const percent = (share: number): string => `${Math.round(100 * share)}\u202f%`;

/** What must be on the required side, in words: 'with 95 % of all seeds'. */
export function ofText({ of }: Requirement): string {
  if (of === 'mean') return 'on average';
  if (of === 'each') return 'with every seed';
  if (typeof of === 'number') return `with ${percent(of)} of all seeds`;
  return of.quantile === 0.5 ? 'in the median' : `in the ${percent(of.quantile)} quantile`;
}

/** What is required, in words: 'at least 0.6 with 95 % of all seeds'. */
export function requirementText(requirement: Requirement, backend: ClaimResult['backend'], unit = ''): string {
  const threshold = significant(thresholdOn(requirement, backend));
  return `${requirement.sense} ${threshold}${unit === '' ? '' : `\u00a0${unit}`} ${ofText(requirement)}`;
}

/** Why a verdict is open, in words; '' where it is none. */
function openText({ kind, mean, reached, total }: Verdict, { of }: Requirement): string {
  if (kind !== 'inconclusive') return '';
  if (!Number.isFinite(mean)) return '; not every value is finite';
  const share = typeof of === 'number' ? of : typeof of === 'object' ? Math.max(of.quantile, 1 - of.quantile) : null;
  if (share !== null && reached === total) return `; it takes ${seedsToShow(share)} of ${seedsToShow(share)} to show it`;
  return of === 'each' ? '' : '; too close to call with so few seeds';
}

/** What was measured, in words: '0.69, from 0.68 to 0.70; 5 of 5 seeds reach it; it takes 59 of 59 to show it'. */
export function resultText({ verdict }: ClaimResult, { requirement, unit = '' }: Claim): string {
  const { mean, lowest, highest, reached, total } = verdict;
  const [low, high] = [significant(lowest), significant(highest)];
  const spread = low === high ? '' : `, from ${low} to ${high}`;
  const share = requirement.of === 'mean' ? `, over ${total} seeds` : `; ${reached} of ${total} seeds reach it`;
  return `${significant(mean)}${unit === '' ? '' : `\u00a0${unit}`}${spread}${share}${openText(verdict, requirement)}`;
}

/** Whether a verdict is the one that is known to come out; an inconclusive one says nothing against it. */
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
