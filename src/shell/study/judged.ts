import type { ClaimResult } from '../../atlas/judge-claim.ts';
import type { ShippedResult } from '../../atlas/shipped.ts';
import type { Study, StudyTable } from '../../atlas/study.ts';

/** A study's table with what it says of the claims. */
export interface Judged {
  readonly table: StudyTable;
  readonly claims: readonly ClaimResult[];
  readonly backend: 'webgpu' | 'cpu';
  readonly from: 'here' | 'shipped';
}

/** A shipped table as numbers. */
export const tableOf = ({ table }: Pick<ShippedResult, 'table'>): StudyTable =>
  Object.fromEntries(
    Object.entries(table).map(([arm, columns]) => [
      arm,
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.map((value) => value ?? Number.NaN)])),
    ]),
  );

/** What came of a paper's claims, all in all. */
export type Outcome = 'holds' | 'in part' | 'does not hold' | 'no verdict';

/** What a paper's outcome is told from: what it says of real runs; without that what is said of the toy, and without that identities. */
const byWeight = ['empirical', 'toy', 'identity'] as const;

export function outcomeOf(
  studies: readonly Pick<Study, 'id' | 'claims'>[],
  verdictOf: (study: string, claim: string) => string | undefined,
): Outcome {
  const all = studies.flatMap(({ id, claims }) => claims.map((claim) => ({ kind: claim.kind, verdict: verdictOf(id, claim.id) })));
  const kind = byWeight.find((one) => all.some((claim) => claim.kind === one));
  const telling = all.filter((claim) => claim.kind === kind);
  const decided = telling.filter(({ verdict }) => verdict === 'holds' || verdict === 'does not hold');
  if (decided.length === 0) return 'no verdict';
  const held = decided.filter(({ verdict }) => verdict === 'holds').length;
  if (held === telling.length) return 'holds';
  return held === 0 ? 'does not hold' : 'in part';
}

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  holds: 'Holds in the toy',
  'in part': 'In part',
  'does not hold': 'Not in the toy',
  'no verdict': 'No verdict',
};
