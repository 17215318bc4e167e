import { describe, expect, test } from 'vitest';
import type { Mix } from '../../src/core/simplex-geometry.ts';
import { objectives, openEngine } from '../../src/index.ts';
import { type Exports, itemsOf, provenance, texOf } from '../../src/shell/exports/export.ts';
import { csvOf } from '../../src/shell/exports/export-table.ts';
import { trlScript } from '../../src/shell/exports/export-trl.ts';
import { docstring } from '../../src/shell/exports/python-file.ts';
import { xmlCharacters } from '../../src/shell/exports/xml-characters.ts';
import { matchTargetScript } from '../../src/views/modes/export-match-target.ts';
import { banditOf, defaultModes, keptSteps, policyNumbers } from '../../src/views/modes/modes.ts';
import { descentColumns, descentTable } from '../../src/views/modes/modes-export.ts';
import { flowColumns, flowScript } from '../../src/views/simplex/export-flow.ts';
import { defaultSimplex, flowFrom, pathStep, type SimplexSettings } from '../../src/views/simplex/simplex.ts';
import { expectWithin } from '../gpu/tolerance.ts';
import { findPyTorch, readCsv, runScripts } from '../shared/pytorch.ts';

const exports: Exports = {
  name: 'test',
  seen: 'A toy.',
  state: 'update 3 of 5',
  seed: null,
  engine: 'CPU, float64',
  data: () => ({}),
};

test('a view offers what it has: of several objectives a script each', () => {
  const names = (from: Exports) => itemsOf(from).map(({ format, of }) => (of === null ? format : `${format} ${of}`));
  expect(names(exports)).toEqual(['svg', 'png', 'json']);
  expect(names({ ...exports, data: undefined, tex: () => '' })).toEqual(['svg', 'png', 'tex']);
  const all = { ...exports, objectives: [{ name: 'dpo' }], table: () => ({ columns: [], rows: [] }), script: () => '' };
  expect(names(all)).toEqual(['svg', 'png', 'csv', 'json', 'tex', 'pytorch', 'trl']);
  expect(names({ ...all, objectives: [{ name: 'dpo' }, { name: 'simpo' }] }).slice(4)).toEqual([
    'tex',
    'pytorch DPO',
    'pytorch SimPO',
    'trl DPO',
    'trl SimPO',
  ]);
  const words = (from: Exports) => itemsOf(from).find(({ format }) => format === 'csv')?.words;
  expect(words(all)).toBe('the numbers, step by step');
  expect(words({ ...all, words: { csv: 'pair by pair' } })).toBe('pair by pair');
});

test('every file says what it shows, its seed, the version and the link', () => {
  expect(provenance(exports, 'https://here/#v=1')).toEqual([
    'A toy.',
    expect.stringMatching(/^update 3 of 5 · no random draws · CPU, float64 · prefscope \d/),
    'https://here/#v=1',
  ]);
  expect(provenance({ ...exports, seed: '7' }, '')[1]).toContain('seed 7');
});

test('CSV quotes what needs it, and keeps a note to its line', () => {
  const table = {
    columns: ['a', 'b,c'],
    rows: [
      [1.5, 'x'],
      [Number.NaN, 'say "y"'],
    ],
  };
  expect(csvOf(table, ['two\nlines'])).toBe('# two lines\na,"b,c"\n1.5,x\nNaN,"say ""y"""\n');
});

test('CSV holds nothing that a spreadsheet would compute', () => {
  const words = ['=1+1', '+cmd', '-a', '@sum(1)', '\t=1', '＝1', '-1.5', 'plain'];
  const notes = ['of a, b', 'of a,=HYPERLINK("x")'];
  const [note, hostile, , ...rows] = csvOf({ columns: ['word', 'x'], rows: words.map((word) => [word, -2]) }, notes).split('\n');
  expect(note).toBe('# of a, b');
  expect(hostile).toBe('"# of a,=HYPERLINK(""x"")"');
  expect(rows.slice(0, -1)).toEqual(["'=1+1,-2", "'+cmd,-2", "'-a,-2", "'@sum(1),-2", '"\'\t=1",-2', "'＝1,-2", '-1.5,-2', 'plain,-2']);
});

test('no text of the reader ends a comment of TeX, CSV or Python, and no NUL is in one', () => {
  for (const end of ['\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029', '\0']) {
    expect(texOf({ name: 'dpo' }, [`a${end}\\input{x}`])).toContain('% a \\input{x}\n');
    expect(docstring(`a${end}"""b\\`)).toBe("a '''b/");
    expect(csvOf({ columns: ['x'], rows: [] }, [`a${end}b`])).toBe('# a b\nx\n');
  }
  for (const end of ['\r', '\v', '\f', '\u2028', '\u2029']) {
    const tex = texOf({ expression: `margin${end}+ logp_w` }, []);
    expect(tex).toContain('% as typed: margin + logp_w\n');
    expect(tex).not.toContain(end);
  }
});

test('a figure holds no character that XML has no place for', () => {
  expect(xmlCharacters('<a>\t\n\r\x7F\x85 é😀\u2028\uFFFD</a>')).toBe('<a>\t\n\r\x7F\x85 é😀\u2028\uFFFD</a>');
  for (const bad of ['\0', '\x01', '\v', '\f', '\x1F', '\uFFFE', '\uFFFF', '\uD800', '\uDC00'])
    expect(xmlCharacters(`a${bad}b`)).toBe('a\uFFFDb');
});

test('TeX of an objective has its loss, forces and values, each bracket closed', () => {
  for (const { id } of objectives) {
    const tex = texOf({ name: id }, ['a note']);
    expect(tex.split('\\[').length).toBe(tex.split('\\]').length);
    expect(tex.split('{').length).toBe(tex.split('}').length);
    expect(tex.split('\\left').length).toBe(tex.split('\\right').length);
    expect(tex).not.toContain('\\class');
  }
  expect(texOf({ name: 'dpo', params: { beta: 0.25 } }, [])).toContain('\\beta = 0.25');
});

describe('TRL', () => {
  const options = { title: 'A test', notes: [], objective: 'the loss' };
  const script = (name: string, params: Record<string, number | string | boolean> = {}) => trlScript({ name, params }, options);

  test('its own loss where it has one of the same meaning', () => {
    expect(script('dpo', { beta: 0.3 })).toMatch(/loss_type=\["sigmoid"\],\s+beta=0.3,\s+\)/);
    expect(script('exo')).toMatch(/loss_type=\["exo_pair"\],\s+beta=0.1,\s+label_smoothing=0.001,/);
    expect(script('dpo', { fDivergence: 'alpha_divergence', alphaDivergenceCoef: 0.3, ldAlpha: 0.5, useWeighting: true })).toMatch(
      /f_divergence_type="alpha_divergence",\s+f_alpha_divergence_coef=0.3,\s+ld_alpha=0.5,\s+use_weighting=True,/,
    );
  });

  // label smoothing of 'sigmoid' is ignored by TRL, and NCA takes the log-ratios there whatever the divergence
  test.each([
    ['dpo', { labelSmoothing: 0.1 }],
    ['nca', { fDivergence: 'forward_kl' }],
    ['simpo', {}],
    ['bco', {}],
    ['rebel', {}],
  ] as const)('a trainer with the loss for %s %o', (name, params) => {
    const text = script(name, params);
    expect(text).toContain('class Trainer(DPOTrainer)');
    expect(text).not.toContain('loss_type=');
  });

  test('rewards and labels come from columns of the data', () => {
    const text = script('rebel');
    expect(text).toContain('COLUMNS = ["reward_chosen", "reward_rejected"]');
    expect(text).toContain('reward_w = inputs.pop("reward_chosen")');
    expect(script('simpo')).not.toContain('Collator');
  });

  test.each(objectives.map(({ id }) => id))('%s: what the loss reads is defined before', (id) => {
    const text = script(id);
    const [, inputs] = /loss = loss_of\((.*)\)\.mean\(\)/.exec(text) ?? [];
    for (const input of inputs?.split(', ') ?? []) expect(text).toMatch(new RegExp(`\\b${input}\\b[^\\n]* = `));
    for (const [open = '', close = ''] of ['()', '[]', '{}']) expect(text.split(open).length).toBe(text.split(close).length);
  });
});

const found = findPyTorch();
test.skipIf('missing' in found)(
  'missing' in found ? `the descents run by PyTorch: ${found.missing}` : 'the descents run by PyTorch are those of the CPU engine',
  async () => {
    const settings = { ...defaultModes, steps: 60 };
    const bandit = banditOf(settings);
    const record = keptSteps(settings.steps);
    const engine = await openEngine({ backend: 'cpu' });
    const [forward, reverse] = await Promise.all(
      (['forward', 'reverse'] as const).map((direction) =>
        engine.matchTarget({
          policy: { kind: 'tabular', logits: [[...bandit.start]] },
          targetLogps: [[...bandit.target]],
          direction,
          optimizer: { kind: 'sgd', learningRate: settings.learningRate, steps: settings.steps },
          record,
        }),
      ),
    );
    const frames = record.map((step, index) => {
      const [f = [], r = []] = [forward?.steps[index]?.outcomeLogps, reverse?.steps[index]?.outcomeLogps];
      return { step, logps: { forward: f, reverse: r }, numbers: { forward: policyNumbers(f, bandit), reverse: policyNumbers(r, bandit) } };
    });
    const expected = descentTable(frames, bandit.reference.length);
    const script = matchTargetScript(settings, bandit, record, { title: 'A test', notes: [] });
    const [written = ''] = runScripts('python' in found ? found.python : '', [script]);
    const [head, ...rows] = written
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(','));
    expect(head).toEqual(descentColumns(bandit.reference.length));
    expect(rows.length).toBe(expected.rows.length);
    const numbers = (row: readonly (number | string)[]) => row.filter((_, column) => column !== 1).map(Number);
    // float64 on both sides; the step size is 1, and a step's sums over 100 bins come in another order
    for (const [index, row] of expected.rows.entries())
      expectWithin(numbers(rows[index] ?? []), numbers(row), () => 1e-13 * (Number(row[0]) + 10), `row ${index}`);
  },
);

/** One for each way in which a column of the pair is found, and for a loss with a kink at which the line rests. */
const flows: readonly SimplexSettings[] = [
  defaultSimplex,
  { ...defaultSimplex, third: 'rest', angle: 60, distance: 2, objective: { name: 'ipo', params: { beta: 0.2 } } },
  { ...defaultSimplex, reference: [0.2, 0.3, 0.5], objective: { name: 'slic' } },
  ...['kto', 'bco', 'aot', 'aot_unpaired', 'orpo', 'soft_label_dpo', 'sppo'].map((name) => ({ ...defaultSimplex, objective: { name } })),
  { ...defaultSimplex, objective: { name: 'dpo', params: { useWeighting: true } } },
  ...['grpo', 'online_dpo', 'nash_md', 'gkd'].map((name) => ({ ...defaultSimplex, objective: { name } })),
  { ...defaultSimplex, third: 'rest', objective: { name: 'rwr' } },
];
const lineOf = (settings: SimplexSettings, mix: Mix) => flowFrom(settings, 'shared', [mix], pathStep);
const corners = ['first', 'second', 'third'];
const flowText = (settings: SimplexSettings, mix: Mix) =>
  flowScript(lineOf(settings, mix), { title: 'A test', notes: [], objective: 'the loss', corners });

test('a flow with both parts of the policy trained is refused', () => {
  const flow = flowFrom(defaultSimplex, 'free', [[0.2, 0.3, 0.5]], pathStep);
  expect(() => flowScript(flow, { title: '', notes: [], objective: '', corners })).toThrow(/hidden vector alone/);
});

test.skipIf('missing' in found)(
  'missing' in found ? `lines of a flow run by PyTorch: ${found.missing}` : 'lines of a flow run by PyTorch are those of the CPU engine',
  async () => {
    const engine = await openEngine({ backend: 'cpu' });
    const places: readonly Mix[] = [
      [0.3, 0.45, 0.25],
      [0.02, 0.03, 0.95],
    ];
    const cases = flows.flatMap((settings) => places.map((mix) => ({ settings, mix })));
    const written = runScripts(
      'python' in found ? found.python : '',
      cases.map(({ settings, mix }) => flowText(settings, mix)),
    ).map(readCsv);
    for (const [index, { settings, mix }] of cases.entries()) {
      const { columns, rows } = written[index] ?? { columns: [], rows: [] };
      const lines = await engine.flow(lineOf(settings, mix));
      const name = `${JSON.stringify(settings.objective)} from ${mix}`;
      expect(columns).toEqual(flowColumns(corners));
      expect(rows.length, name).toBeGreaterThan(3);
      // A line that rests stays where it is for the engine, and ends for the script.
      expect(lines.time[lines.time.length - 1], name).toBe(lines.time[rows.length - 1]);
      for (const [point, row] of rows.entries()) {
        const expected = [lines.time, ...lines.corners, lines.chosenRate].map((values) => values[point] ?? Number.NaN);
        // float64 on both sides, with a step's sums in another order. Near a corner 1 - p of its answer cancels for autograd, and time is a
        // length over a small speed.
        const left = 1 - Math.max(...expected.slice(1, 4));
        const bound = (1e-14 * (point + 2)) / left;
        expectWithin(row.slice(1), expected, (i) => bound * (1 + Math.abs(expected[i] ?? 0)), `${name}, point ${point}`);
      }
    }
    engine.dispose();
  },
  300_000,
);
