import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/atlas/claim.ts';
import { claims } from '../../src/atlas/claims.ts';
import { openEngine } from '../../src/index.ts';

const path = 'tests/golden/claims.json';
/** Values of each claim with its own number of seeds on the CPU, five digits each: what the page shows where nobody changes the seeds. */
const golden = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number[]>;
const asked = process.env['CLAIMS'];

/** Claims that train all their seeds as prompts of one sampled run, so that a value depends on how many there are. */
const together = new Set([
  'geometry-far-threshold',
  'negative-gradient-threshold',
  'negative-gradient-rate',
  'fixed-data',
  'geometry-far',
  'geometry-near',
  'negative-gradient-early',
  'coverage',
  'reinforce-baseline',
  'best-of-n-ceiling',
  'dpo-over-winners',
  'reinforce-over-dpo',
]);

// CLAIMS=all, or CLAIMS=one-id,another-id: measures them again and keeps the values
describe.runIf(asked !== undefined)('the golden values', () => {
  it('are measured', { timeout: 3_600_000 }, async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const ids = asked === 'all' ? null : asked?.split(',');
    const kept: Record<string, number[]> = {};
    for (const claim of claims) {
      const old = golden[claim.id];
      if (old && ids && !ids.includes(claim.id)) kept[claim.id] = old;
      else kept[claim.id] = (await claim.measure(engine, { seeds: claim.seeds })).values.map((value) => Number(value.toPrecision(5)));
    }
    engine.dispose();
    writeFileSync(
      path,
      `{\n${Object.entries(kept)
        .map(([id, values]) => `  ${JSON.stringify(id)}: ${JSON.stringify(values).replaceAll(',', ', ')}`)
        .join(',\n')}\n}\n`,
    );
  });
});

describe.runIf(asked === undefined)('each claim with its own seeds', () => {
  it.each(claims.map((claim) => [claim.id, claim] as const))('%s comes out as it says', (id, claim) => {
    const values = golden[id] ?? [];
    expect(values, 'measured with this many seeds: CLAIMS=all npx vitest run tests/unit/claims-golden.test.ts').toHaveLength(claim.seeds);
    expect(judge({ values }, claim.requirement, 'cpu').kind).toBe(claim.expected);
  });

  it('is what golden values name, and no others', () => {
    expect(Object.keys(golden)).toEqual(claims.map(({ id }) => id));
  });

  it('measures today what it measured then', async () => {
    const engine = await openEngine({ backend: 'cpu' });
    for (const claim of claims.filter(({ id, scale }) => !together.has(id) && scale !== 'log')) {
      const [value] = (await claim.measure(engine, { seeds: 1 })).values;
      const then = golden[claim.id]?.[0] ?? Number.NaN;
      expect(Math.abs((value ?? Number.NaN) - then), claim.id).toBeLessThanOrEqual(1e-4 * Math.max(1e-3, Math.abs(then)));
    }
    engine.dispose();
  });
});
