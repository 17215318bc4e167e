import { type Claim, thresholdOn } from '../../atlas/claim.ts';
import { type Exports, engineName, texComments } from '../../shell/exports/export.ts';
import type { Table } from '../../shell/exports/export-table.ts';
import { writeLink } from '../../shell/links/link.ts';
import type { ClaimResult, ClaimsLab } from './claims.svelte.ts';
import { claimHash, writeClaims } from './claims-link.ts';
import { ofText, requirementText, resultText } from './claims-text.ts';
import { claimsPlace } from './place.ts';

interface Measured {
  readonly claim: Claim;
  readonly result: ClaimResult;
}

const measuredOf = (lab: ClaimsLab, claims: readonly Claim[]): Measured[] =>
  claims.flatMap((claim) => {
    const status = lab.status(claim);
    return status.kind === 'measured' ? [{ claim, result: status.result }] : [];
  });

/** One row for each seed of each claim. */
export const claimsTable = (measured: readonly Measured[]): Table => ({
  columns: ['claim', 'paper', 'where', 'verdict', 'expected', 'sense', 'threshold', 'of', 'unit', 'engine', 'seed', 'value'],
  rows: measured.flatMap(({ claim, result }) => {
    const { id, paper, where, expected, requirement, unit = '' } = claim;
    const { sense } = requirement;
    const { verdict, backend, seed } = result;
    const about = [
      id,
      `arXiv:${paper}`,
      where,
      verdict.kind,
      expected,
      sense,
      thresholdOn(requirement, backend),
      ofText(requirement),
      unit,
      backend,
    ];
    return result.values.map((value, index) => [...about, seed + index, value]);
  }),
});

/** A claim and what was measured of it, as plain data. */
const dataOf = ({ claim: { measure: _, ...claim }, result }: Measured) => ({ ...claim, result });

/** The exact statements, each below what it says in words. */
const texOfClaims = (claims: readonly Claim[], notes: readonly string[]): string =>
  [
    ...texComments(notes),
    ...claims.flatMap(({ title, statement, paper, where, exact }) => [
      '',
      ...texComments([`${title} (arXiv:${paper}, ${where})`, statement]),
      '\\[',
      `  ${exact.tex}`,
      '\\]',
    ]),
    '',
  ].join('\n');

const seedsText = ({ seed, seeds }: Pick<ClaimResult, 'seed' | 'seeds'>): string =>
  seeds === 1 ? String(seed) : `${seed} to ${seed + seeds - 1}`;

/** What claims and their results have in common: without results there are formulas only. */
const filesOf = (claims: readonly Claim[], measured: readonly Measured[]): Pick<Exports, 'table' | 'data' | 'tex' | 'words'> => ({
  ...(measured.length === 0 ? {} : { table: () => claimsTable(measured), data: () => ({ claims: measured.map(dataOf) }) }),
  tex: (notes) => texOfClaims(claims, notes),
  words: { csv: 'the values, seed by seed', json: 'claims, values and verdicts', tex: 'the exact statement' },
});

/** One claim, with its values where it is measured. */
export function claimExports(lab: ClaimsLab, claim: Claim): Exports {
  const measured = measuredOf(lab, [claim]);
  const [now] = measured;
  const required = (backend: ClaimResult['backend']) => `required: ${requirementText(claim.requirement, backend, claim.unit)}`;
  return {
    ...filesOf([claim], measured),
    name: `claim-${claim.id}`,
    seen: `${claim.statement} arXiv:${claim.paper}, ${claim.where}.`,
    state: now
      ? `${now.result.verdict.kind}: ${resultText(now.result, claim)}; ${required(now.result.backend)}`
      : `not measured; ${required('cpu')}`,
    seed: seedsText(now?.result ?? { seed: lab.seed, seeds: lab.seedsOf(claim) }),
    engine: engineName(now?.result.backend),
    hash: claimHash({ ...lab.link, claim: claim.id }),
  };
}

/** All claims, with the values of those that are measured. */
export function claimsExports(lab: ClaimsLab, claims: readonly Claim[]): Exports {
  const measured = measuredOf(lab, claims);
  const files = filesOf(claims, measured);
  return {
    ...files,
    words: { ...files.words, svg: 'the whole list, as seen', png: 'the whole list, as seen', tex: 'the exact statements' },
    name: 'claims',
    seen: 'Claims of papers, measured by this page.',
    state: `${measured.length} of ${claims.length} claims measured`,
    seed: lab.seeds === null ? `${lab.seed} and those that follow` : seedsText({ seed: lab.seed, seeds: lab.seeds }),
    engine: engineName(measured[0]?.result.backend),
    hash: writeLink(claimsPlace.route, writeClaims(lab.link)),
  };
}
