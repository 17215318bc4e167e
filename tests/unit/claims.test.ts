import { describe, expect, it } from 'vitest';
import { checkClaim, judge, type Requirement } from '../../src/atlas/claim.ts';
import { claims } from '../../src/atlas/claims.ts';
import { papers } from '../../src/atlas/papers.ts';
import { openEngine } from '../../src/index.ts';
import { claimViews } from '../../src/page/claim-views.ts';
import { readLink } from '../../src/shell/links/link.ts';
import { readClaims } from '../../src/views/claims/claims-link.ts';
import { requirementText, resultsAsText, resultText, tally } from '../../src/views/claims/claims-text.ts';
import { readDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { readEntanglement } from '../../src/views/entanglement/entanglement-link.ts';
import { readModes } from '../../src/views/modes/modes-link.ts';

const requirement = (change: Partial<Requirement> = {}): Requirement => ({
  sense: 'at least',
  threshold: 0.5,
  of: 0.95,
  reason: 'for the test',
  ...change,
});
const verdict = (values: number[], change: Partial<Requirement> = {}) => judge({ values }, requirement(change), 'cpu').kind;

describe('the verdict', () => {
  it('holds where so many seeds reach the threshold, itself included, that fewer than the share would be unlikely', () => {
    expect(verdict(new Array(59).fill(0.5))).toBe('holds'); // 0.95^59 = 0.0485
    expect(verdict(new Array(58).fill(0.5))).toBe('inconclusive');
    expect(verdict([0.5, 0.6, 0.7])).toBe('inconclusive');
    expect(verdict(new Array(59).fill(0.4), { sense: 'at most' })).toBe('holds');
    expect(verdict(new Array(5).fill(0.6), { of: 0.5 })).toBe('holds'); // 0.5^5 = 0.031
  });

  it('is refuted only where so few seeds would be unlikely if the share were true', () => {
    expect(verdict([1, 1, 0])).toBe('inconclusive'); // P(X <= 2 of 3) = 0.14
    expect(verdict([0, 0, 1])).toBe('does not hold'); // P(X <= 1 of 3) = 0.007
  });

  it('of each value is refuted by one miss, as a proof is', () => {
    expect(verdict([1, 1, 0], { of: 'each' })).toBe('does not hold');
    expect(verdict([0.5, 1], { of: 'each' })).toBe('holds');
  });

  it('of a quantile is that of the share beyond it, on either side', () => {
    const few = Array.from({ length: 20 }, (_, i) => i + 1);
    // the bounds of the median are the 6th and the 15th value
    for (const [threshold, kind] of [
      [6, 'holds'],
      [7, 'inconclusive'],
      [15, 'inconclusive'],
      [16, 'does not hold'],
    ] as const)
      expect(verdict(few, { of: { quantile: 0.5 }, threshold }), String(threshold)).toBe(kind);
    expect(verdict(few, { of: { quantile: 0.5 }, threshold: 15, sense: 'at most' })).toBe('holds');
    expect(verdict(few, { of: { quantile: 0.9 }, threshold: 20, sense: 'at most' })).toBe('inconclusive'); // 0.9^20 = 0.12
    expect(verdict(new Array(29).fill(1), { of: { quantile: 0.9 }, threshold: 1, sense: 'at most' })).toBe('holds'); // 0.9^29 = 0.047
  });

  it('asks Student’s interval of a mean, either way', () => {
    expect(verdict([0.7, 0.72, 0.68], { of: 'mean' })).toBe('holds');
    expect(verdict([0.3, 0.32, 0.28], { of: 'mean' })).toBe('does not hold');
    expect(verdict([0.2, 0.9, 0.5], { of: 'mean' })).toBe('inconclusive');
    expect(verdict([0.9], { of: 'mean' })).toBe('inconclusive');
  });

  it('decides nothing by numbers that are none, and reads the threshold of its engine', () => {
    expect(verdict([1, Number.NaN])).toBe('inconclusive');
    expect(verdict([])).toBe('inconclusive');
    const own = requirement({ sense: 'at most', threshold: { cpu: 1e-12, webgpu: 1e-5 }, of: 'each' });
    expect(judge({ values: [1e-7] }, own, 'webgpu').kind).toBe('holds');
    expect(judge({ values: [1e-7] }, own, 'cpu').kind).toBe('does not hold');
  });
});

describe('the catalogue of claims', () => {
  it('names each claim once, as links can, and says what is true where a claim fails', () => {
    expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
    for (const { id, paper, expected, instead, seeds } of claims) {
      expect(id).toMatch(/^[a-z][a-z0-9-]{1,40}$/);
      expect(papers.map((each) => each.id)).toContain(paper);
      expect(instead !== undefined, id).toBe(expected === 'does not hold');
      expect(seeds).toBeGreaterThanOrEqual(5);
    }
  });

  it('opens views by links that hold nothing those views refuse', () => {
    const readers = { why: readDisplacement, 'why/tug': readEntanglement, 'why/peaks': readModes } as const;
    for (const [id, { hash }] of Object.entries(claimViews)) {
      expect(claims.map((claim) => claim.id)).toContain(id);
      const { route, reader } = readLink(hash);
      readers[route as keyof typeof readers](reader);
      expect(reader.finish(), id).toEqual([]);
    }
  });

  it('can be cancelled, and rejects with the reason', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const reason = new Error('enough');
    for (const id of ['displacement-rate', 'geometry-far', 'equal-start']) {
      const claim = claims.find((each) => each.id === id);
      if (!claim) throw new Error(`There is no claim ${id}.`);
      const abort = new AbortController();
      const run = checkClaim(claim, engine, { seeds: 4, signal: abort.signal, onProgress: () => abort.abort(reason) });
      await expect(run, id).rejects.toBe(reason);
    }
    engine.dispose();
  });
});

describe('links and texts', () => {
  it('say what they refuse', () => {
    const { reader } = readLink('v=1&view=claims&claim=<b>&seeds=0');
    expect(readClaims(reader)).toEqual({ seeds: null, seed: 1, claim: null });
    expect(reader.finish().map(({ key }) => key)).toEqual(['seeds', 'claim']);
  });

  it('tell a result with its margin', () => {
    const [claim] = claims;
    if (!claim) throw new Error('There are no claims.');
    const values = [0.8, 0.9];
    const result = {
      values,
      facts: [],
      verdict: judge({ values }, claim.requirement, 'cpu'),
      backend: 'cpu' as const,
      seeds: 2,
      seed: 1,
      seconds: 1,
    };
    expect(resultText(result, claim)).toBe('0.850, from 0.800 to 0.900; 2 of 2 seeds reach it; it takes 59 of 59 to show it');
    expect(requirementText(claim.requirement, 'cpu')).toBe('at least 0.500 with 95\u202f% of all seeds');
    expect(requirementText({ ...claim.requirement, of: { quantile: 0.5 } }, 'cpu')).toBe('at least 0.500 in the median');
    const status = (each: typeof claim) => (each === claim ? ({ kind: 'measured', result } as const) : ({ kind: 'idle' } as const));
    expect(tally(claims.map(status))).toEqual({ holds: 0, 'does not hold': 0, inconclusive: 1, open: claims.length - 1 });
    const text = resultsAsText(papers, claims, status);
    expect(text).toContain(`INCONCLUSIVE: ${claim.title}`);
    expect(text).not.toContain(papers[1]?.title);
  });
});
