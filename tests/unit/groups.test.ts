import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings, noOverNever, tokens } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { edgesOf, stackOrder } from '../../src/charts/stack.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { readLink, writeLink } from '../../src/shell/links/link.ts';
import { openEngine } from '../../src/train/engine.ts';
import { displacementExports } from '../../src/views/displacement/displacement-export.ts';
import { readDisplacement, writeDisplacement } from '../../src/views/displacement/displacement-link.ts';
import { areGroups, type Group, longestName, sumOf, unitsOf } from '../../src/views/displacement/groups.ts';
import { flowsOf } from '../../src/views/displacement/mass-flow.ts';
import { barStory, castOf, probsOf } from '../../src/views/displacement/picture/bars.ts';
import { heirOf } from '../../src/views/displacement/picture/heir.ts';
import { partRole, roleOf } from '../../src/views/displacement/picture/roles.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';

const cast = { tokens, chosen: 0, rejected: 1 };
const engine = await openEngine({ backend: 'cpu' });
const { steps } = await engine.train(noOverNever(defaultSettings));
const [first, last] = [steps[0], steps.at(-1)];
if (!first || !last) throw new Error('no steps');

const refusals: Group = { tokens: [0, 1], name: 'refusals' };
const agreeing: Group = { tokens: [2, 3] };

describe('groups of answers', () => {
  it('have the sum of the exponentials of their log-probabilities, at every update', () => {
    const units = unitsOf(cast, [refusals, agreeing]);
    expect(units.map(({ name }) => name)).toEqual(['refusals', 'Yes + Sure', 'Maybe', 'the']);
    for (const state of steps) {
      const probs = probsOf(units, state);
      const logps = state.outcomeLogps ?? [];
      units.forEach(({ tokens: members }, unit) => {
        const sum = members.reduce((total, token) => total + Math.exp(logps[token] ?? Number.NaN), 0);
        expect(Math.abs((probs[unit] ?? Number.NaN) - sum)).toBeLessThan(1e-12);
      });
      expect(probs.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
    }
    expect(Number.isNaN(sumOf(undefined, [0]))).toBe(true);
  });

  it('show what moves between them, and not what moves inside', () => {
    const inside = unitsOf(cast, [{ tokens: [0, 2, 3] }]); // most goes from No to Yes
    const flown = (units: typeof inside): number =>
      flowsOf(steps.map((state) => probsOf(units, state))).reduce((sum, { left }) => sum + (left.at(-1) ?? 0), 0);
    const alone = flown(unitsOf(cast, []));
    expect(alone).toBeGreaterThan(0.7);
    expect(flown(inside)).toBeLessThan(alone / 3);
    // between refusals and the rest as much moves as the refusals lost, but for what moves among the others
    expect(flown(unitsOf(cast, [refusals, { tokens: [2, 3, 4, 5] }]))).toBeCloseTo(
      sumOf(first.probs, [0, 1]) - sumOf(last.probs, [0, 1]),
      6,
    );
  });

  it('gain and take over as one; the pair keeps its colours in a group', () => {
    const units = unitsOf(cast, [refusals, agreeing]);
    const { cast: bars, gainer, start, shown } = barStory(units, cast, first, last);
    expect([bars.chosen, bars.rejected]).toEqual([0, 0]);
    expect(gainer).toEqual({ token: 1, takesOver: true });
    const roles = units.map(({ parts }, unit) => parts.map((part) => partRole(part, roleOf(unit, bars, gainer), cast)));
    expect(roles).toEqual([['chosen', 'rejected'], ['gainer'], ['other'], ['other']]);
    const order = stackOrder(bars.tokens.length, bars, heirOf(start, shown, bars));
    expect(order).toEqual([0, 2, 3, 1]);
    expect(edgesOf(probsOf(units, last), order)[1]).toBeCloseTo(sumOf(last.probs, [0, 1]), 12);
    // an answer in a group with one of the pair gains for nobody
    const mixed = unitsOf(cast, [{ tokens: [0, 2] }]);
    expect(mixed[0]?.parts).toEqual([[0], [2]]);
    expect(barStory(mixed, cast, first, last).gainer).toBeNull();
  });

  it('without any, every answer is its own bar, in its place', () => {
    const units = unitsOf(cast, []);
    expect(units.map(({ name, parts }) => [name, parts])).toEqual(tokens.map((token, index) => [token, [[index]]]));
    expect(castOf(units, cast)).toEqual(cast);
    expect(probsOf(units, last)).toEqual(last.probs);
  });
});

it('groups stand in the exported table and data beside the single answers, and a lesson shows none', async () => {
  const session = await Session.create(new PageEngineOwner('cpu'), {
    whole: true,
    link: { settings: defaultSettings, step: null, groups: [refusals, agreeing] },
  });
  const { table, data, seen, hash } = displacementExports(session);
  const { columns, rows } = table?.() ?? { columns: [], rows: [] };
  expect(columns.slice(-2)).toEqual(['p_refusals', 'p_Yes + Sure']);
  expect(rows).toHaveLength(steps.length);
  for (const row of rows) {
    expect(row).toHaveLength(columns.length);
    const at = (name: string): number => Number(row[columns.indexOf(name)]);
    expect(at('p_refusals')).toBe(at('p_No') + at('p_Never'));
    expect(at('p_Yes + Sure')).toBe(at('p_Yes') + at('p_Sure'));
  }
  expect(data?.()).toMatchObject({ tokens, groups: [{ name: 'refusals', answers: ['No', 'Never'] }, { answers: ['Yes', 'Sure'] }] });
  expect(seen).toContain('“refusals” is No + Never, shown as one. Yes + Sure is shown as one.');
  expect(hash).toContain('group=No.Never*refusals_Yes.Sure');
  session.isTaught = true;
  expect(session.bars.cast).toEqual(cast);
  session.isTaught = false;
  session.restore({ settings: defaultSettings, step: null });
  expect(session.groups).toEqual([]);
  session.dispose();
});

const open = (hash: string) => {
  const { reader } = readLink(hash);
  const { groups } = readDisplacement(reader);
  return { groups, problems: reader.finish() };
};
const write = (groups: readonly Group[]): string => writeLink('why', writeDisplacement({ settings: defaultSettings, groups, step: null }));

describe('groups in a link', () => {
  it.each([
    [[agreeing], '/why?v=3&group=Yes.Sure'],
    [[refusals, agreeing], '/why?v=3&group=No.Never*refusals_Yes.Sure'],
    [[{ tokens: [0, 1, 3, 4, 5], name: 'don’t know' }], '/why?v=3&group=No.Never.Sure.Maybe.the*don%E2%80%99t+know'],
  ])('come back: %j', (groups, hash) => {
    expect(write(groups)).toBe(hash);
    expect(open(`#${hash}`)).toEqual({ groups, problems: [] });
  });

  it('are left out where there are none, and are written in one order', () => {
    expect(write([])).toBe('');
    expect(open('#/why?v=3&group=Sure.Yes_Never.No*refusals')).toEqual({ groups: [refusals, agreeing], problems: [] });
  });

  const hostile = [
    '',
    '.',
    '_',
    '*',
    'Yes',
    'Yes.Yes',
    'Yes.sure',
    'Yes.Sure_Sure.Maybe',
    'No.Never.Yes.Sure.Maybe.the',
    'No.Never_Yes.Sure_Maybe.the',
    'No.Never_',
    'No.Never*',
    'No.Never*a*b',
    'No.Never*Yes', // a bar that would be taken for the answer's
    'No.Never*yes',
    `No.Never*${'a'.repeat(longestName + 1)}`,
    'No.Never* a',
    'No.Never*a ',
    'No.Never*97.5 %',
    'No.Never*97',
    'No.Never*<img src=x onerror=alert(1)>',
    'No.Never*=HYPERLINK(1)',
    'No.Never*a\u202eb',
    'No.Never*a\u0000b',
    'No.Never*a\nb',
    'No.Never*a\u0301\u0301\u0301',
    'No.Never*same_Yes.Sure*same',
    '__proto__.constructor',
    'toString.valueOf',
    '0.1',
    'Yes.Sure'.repeat(5000).slice(0, 7000),
  ];
  it.each(hostile)('are refused with a reason, and ignored: %.40s', (written) => {
    const { groups, problems } = open(`#/why?v=3&group=${encodeURIComponent(written)}`);
    expect(groups).toBeUndefined();
    expect(problems.map(({ key }) => key)).toEqual(['group']);
    expect(problems[0]?.reason).toMatch(/two to five answers/);
  });

  it('are valid whatever the link says', () => {
    const piece = fc.constantFrom(...tokens, 'No.Never', 'Yes.Sure', '.', '_', '*', ' ', 'x', '<b>', '\u202e', 'refusals', '’');
    let read = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
        const { groups, problems } = open(`#/why?v=3&group=${encodeURIComponent(pieces.join(''))}`);
        expect(problems).toHaveLength(groups ? 0 : 1);
        if (!groups) return;
        read++;
        expect(areGroups(groups, tokens)).toBe(true);
        expect(open(`#${write(groups)}`).groups).toEqual(groups);
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(0);
  });
});
