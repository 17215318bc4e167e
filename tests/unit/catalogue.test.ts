import { describe, expect, test } from 'vitest';
import { parse } from '../../src/core/expression/parse.ts';
import {
  checkGradient,
  expressionTex,
  groupObjectives,
  inputMeanings,
  type ObjectiveChoice,
  ObjectiveError,
  objectives,
  objectiveTex,
  optionsOf,
  readLoss,
  resolveObjective,
  samplePoints,
  slopesOf,
  verifyGradient,
} from '../../src/index.ts';
import { findObjective } from '../../src/objectives/catalogue.ts';
import { differences } from '../../src/objectives/check/differences.ts';
import { citationText } from '../../src/shell/losses/citation.ts';
import { forcesOf, stateAtMargin } from '../../src/shell/losses/objective-view.ts';

const everyName = objectives.flatMap(({ id, aliases }) => [id, ...aliases]);
const named = objectives.map((objective) => ({ id: objective.id, objective }));

test('names are unique, plain, and cover every loss type of TRL', () => {
  expect(new Set(everyName).size).toBe(everyName.length);
  for (const name of everyName) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  const trl =
    'sigmoid hinge ipo exo_pair nca_pair robust bco_pair sppo_hard aot aot_unpaired apo_zero apo_down discopop sft sigmoid_norm'.split(' ');
  for (const name of trl) expect(everyName).toContain(name);
});

test('every entry cites what it is from, and tells where its formula was read', () => {
  const all = [...objectives, ...groupObjectives];
  for (const { id, paper, equation, source } of all) {
    for (const each of paper?.split('; ') ?? []) expect(each, id).toMatch(/^arXiv:\d{4}\.\d{4,5}$|^[A-Z][a-z]+( and [A-Z][a-z]+)?, \S/);
    if (equation !== null) expect(equation, id).toMatch(/^\(\d+(\.\d+)?\)$/);
    // what is printed in a paper, or described there, has a paper
    if (source === 'paper' || source === 'words' || equation !== null) expect(paper, id).not.toBeNull();
    if (!['paper', 'words', 'ours'].includes(source)) expect(source, id).toMatch(/^[\w.-]+\/[\w.-]+$/);
  }
  const withoutPaper = all.filter(({ paper }) => paper === null).map(({ id }) => id);
  // bnpo is a setting of TRL's trainer: no paper describes it; an entropy bonus is older than any paper on language models
  expect(withoutPaper).toEqual(['sft', 'bnpo', 'entropy_bonus']);
});

test('differences are told of objectives that there are', () => {
  for (const [id, text] of Object.entries(differences)) {
    expect(objectives.map((objective) => objective.id)).toContain(id);
    expect(text).toMatch(/[.]$/);
  }
});

test('a citation reads as sentences', () => {
  const cited = (id: string) => citationText(findObjective(id) ?? objectives[0] ?? expect.fail());
  expect(cited('dpo')).toBe('arXiv:2305.18290, equation (7). Formula as printed in the paper.');
  expect(cited('sft')).toBe('Formula as in released code: huggingface/trl.');
  expect(cited('unlikelihood')).toBe('arXiv:1908.04319. The form of it is our own.');
});

describe.each(named)('$id', ({ objective }) => {
  test('derivatives agree with finite differences, from ordinary to extreme margins', () => {
    const verdict = verifyGradient(objective);
    expect(verdict.worst?.relativeError ?? 0, JSON.stringify(verdict.worst)).toBeLessThan(1e-6);
    expect(verdict.passed).toBe(true);
    expect(verdict.compared).toBeGreaterThan(verdict.asked / 3);
  });

  test('loss and slopes are finite wherever the mathematics is', () => {
    const compiled = resolveObjective({ name: objective.id });
    for (const point of samplePoints(objective.parameters)) {
      const inputs = compiled.inputs.map((name) => point[name] ?? Number.NaN);
      const value = compiled.evaluate(point['logp_w'] ?? 0, point['logp_l'] ?? 0, inputs);
      for (const number of Object.values(value)) expect(Number.isFinite(number), JSON.stringify({ point, value })).toBe(true);
    }
  });

  test('its card is complete', () => {
    const { parameters, text, inputs, behaviour, loss } = objective;
    expect(objectiveTex(objective).length).toBeGreaterThan(5);
    const { byChosen, byRejected } = slopesOf(loss);
    for (const slope of [byChosen, byRejected]) expect(expressionTex(slope, parameters)).not.toMatch(/undefined|NaN|input_/);
    expect(behaviour).toMatch(/^[A-Zc0-9β].*[.]$/s);
    for (const name of inputs) expect(inputMeanings[name].meaning.length).toBeGreaterThan(5);
    for (const [name, { default: value, min, max, tex, description }] of Object.entries(parameters)) {
      expect(value, name).toBeGreaterThanOrEqual(min);
      expect(value, name).toBeLessThanOrEqual(max);
      expect(tex).not.toBe('');
      expect(description).toMatch(/[.]$/);
      for (const end of [min, max]) expect(() => resolveObjective({ name: objective.id, params: { [name]: end } }), name).not.toThrow();
    }
    // what the card shows can be typed, and means the same
    const typed = resolveObjective({
      expression: text,
      params: Object.fromEntries(Object.entries(objective.parameters).map(([name, parameter]) => [name, parameter.default])),
    });
    const byName = resolveObjective({ name: objective.id });
    expect(typed.wgsl).toBe(byName.wgsl);
    expect(typed.parameterValues).toEqual(byName.parameterValues);
  });

  test('parameters outside their range, and unknown ones, are refused by name', () => {
    for (const [name, { valid }] of Object.entries(objective.parameters)) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, '1', ...(Number.isFinite(valid.from) ? [valid.from - 1] : [])]) {
        const choice = { name: objective.id, params: { [name]: bad } };
        expect(() => resolveObjective(choice)).toThrow(ObjectiveError);
        expect(() => resolveObjective(choice)).toThrow(new RegExp(`${name} must be a number in [(\\[]`));
      }
    }
    expect(() => resolveObjective({ name: objective.id, params: { nonsense: 1 } })).toThrow(/has no parameter 'nonsense'/);
  });
});

test.each(objectives.filter(({ divergence }) => divergence).map(({ id }) => id))('%s takes every f-divergence', (name) => {
  for (const [fDivergence, alphaDivergenceCoef] of [
    ['forward_kl', 0.5],
    ['js_divergence', 0.5],
    ['alpha_divergence', 0.5],
    ['alpha_divergence', 1.7],
    ['alpha_divergence', -1],
  ] as const) {
    const { loss, parameterNames, parameterValues } = resolveObjective({ name, params: { fDivergence, alphaDivergenceCoef } });
    const objective = objectives.find(({ id }) => id === name);
    const values = Object.fromEntries(parameterNames.map((each, i) => [each, parameterValues[i] ?? 0]));
    const points = samplePoints(objective?.parameters ?? {}, values).map((point) => ({ ...point, ...values }));
    const verdict = checkGradient(loss, points);
    expect(verdict.worst?.relativeError ?? 0, `${fDivergence}: ${JSON.stringify(verdict.worst)}`).toBeLessThan(1e-6);
    expect(verdict.compared).toBeGreaterThan(0);
  }
  const exact = resolveObjective({ name, params: { fDivergence: 'alpha_divergence', alphaDivergenceCoef: 1 } });
  expect(exact.wgsl).toBe(resolveObjective({ name }).wgsl);
});

/** Loss and slopes of a choice at one ordinary pair. */
function at(choice: ObjectiveChoice, more: Record<string, number> = {}) {
  const objective = resolveObjective(choice);
  const pair: Record<string, number> = {
    ref_w: -4.5,
    ref_l: -5.25,
    len_w: 3,
    len_l: 5,
    mean_len_w: 4,
    reward_w: 2,
    reward_l: 0.5,
    label: 0.8,
    ...more,
  };
  return objective.evaluate(
    -4,
    -6,
    objective.inputs.map((name) => pair[name] ?? Number.NaN),
  );
}

describe('identities between objectives', () => {
  const same = (a: ObjectiveChoice, b: ObjectiveChoice, more?: Record<string, number>) => {
    const [left, right] = [at(a, more), at(b, more)];
    for (const key of ['loss', 'byChosen', 'byRejected'] as const) expect(left[key], key).toBeCloseTo(right[key], 12);
  };
  const byName = (name: string, params = {}): ObjectiveChoice => ({ name, params });

  test('label smoothing 0 leaves DPO', () => {
    for (const name of ['cdpo', 'robust']) same(byName(name, { labelSmoothing: 0 }), byName('dpo'));
    same(byName('dpo', { labelSmoothing: 0.2 }), byName('cdpo', { labelSmoothing: 0.2 }));
  });
  test('a soft label of 1 - ε is smoothing by ε', () =>
    same(byName('soft_label_dpo'), byName('cdpo', { labelSmoothing: 0.25 }), { label: 0.75 }));
  test('Cal-DPO is DPO at β = 1 plus half of SPPO', () =>
    same(byName('cal_dpo', { beta: 0.1 }), {
      mix: [
        { objective: byName('dpo', { beta: 1 }), weight: 1 },
        { objective: byName('sppo_hard', { beta: 0.1 }), weight: 0.5 },
      ],
    }));
  test('the alpha divergence of TRL up to 0.28 is the present one at 1 - α', () => {
    const former = (x: string) => `(1 - exp(-0.3 * ${x})) / 0.3`;
    const typed = { expression: `-logsigmoid(beta * (${former('logratio_w')} - ${former('logratio_l')}))`, params: { beta: 0.2 } };
    same(typed, byName('dpo', { beta: 0.2, fDivergence: 'alpha_divergence', alphaDivergenceCoef: 0.7 }));
  });
  test('REBEL against the reference is the squared reward-aware loss at β = 1', () =>
    same(byName('rebel'), byName('reward_rpo_squared', { beta: 1 }), { prev_w: -4.5, prev_l: -5.25 }));
  test('EXO with a soft label is the forward KL of the reward gap', () =>
    same(byName('reward_rpo_forward', { beta: 0.1 }), byName('exo_pair', { beta: 0.1, labelSmoothing: 1 / (1 + Math.exp(1.5)) })));
  test('the reference-free hinge is β times SLiC at the margin 1/β', () =>
    same(byName('cpo_hinge', { beta: 0.25 }), { mix: [{ objective: byName('slic', { delta: 4 }), weight: 0.25 }] }));
  test('the reference-free IPO is IPO against a uniform reference', () => same(byName('cpo_ipo'), byName('ipo'), { ref_w: 0, ref_l: 0 }));
  test('IPO of one token is IPO', () => same(byName('ipo'), byName('ipo_sum'), { len_w: 1, len_l: 1 }));
  test('aliases of parameters', () => {
    same(byName('simpo', { simpoGamma: 1 }), byName('simpo', { gamma: 1 }));
    same(byName('cpo', { cpoAlpha: 0.3 }), byName('cpo', { alpha: 0.3 }));
  });
  test('DiscoPOP grows at the reference point: its published surprise', () => {
    const { byChosen } = resolveObjective(byName('discopop')).evaluate(-1, -1, [-1, -1]);
    // dL/dz at z = 0 is 1/4 / τ (1 - log 2) - 1/4 - 1/2, times β = 0.1
    expect(byChosen).toBeCloseTo(0.1 * ((0.25 / 0.05) * (1 - Math.LN2) - 0.75), 12);
  });
});

describe('choices', () => {
  test('mixtures weigh, nest and keep their parameters apart', () => {
    const inner: ObjectiveChoice = {
      mix: [
        { objective: { name: 'dpo', params: { beta: 0.3 } }, weight: 2 },
        { objective: { name: 'sft' }, weight: 0.1 },
      ],
    };
    const outer = at({
      mix: [
        { objective: inner, weight: -0.5 },
        { objective: { expression: 'beta * logp_w', params: { beta: 7 } }, weight: 1 },
      ],
    });
    const parts = [at({ name: 'dpo', params: { beta: 0.3 } }), at({ name: 'sft' })].map(({ loss }) => loss);
    expect(outer.loss).toBeCloseTo(-0.5 * (2 * (parts[0] ?? 0) + 0.1 * (parts[1] ?? 0)) + 7 * -4, 12);
  });
  test('WPO multiplies the loss by a weight that counts as constant', () => {
    const [plain, weighted] = [at({ name: 'dpo' }), at({ name: 'dpo', params: { useWeighting: true } }, { wpo_weight: 0.25 })];
    for (const key of ['loss', 'byChosen', 'byRejected'] as const) expect(weighted[key]).toBeCloseTo(plain[key] / 4, 14);
  });
  test.each([
    [{ name: 'simppo' }, /There is no objective 'simppo'. Did you mean 'simpo'/],
    [{ name: 'dpo', params: { beta: 1e-60 } }, /beta must be a number in \(0, ∞\)/], // 0 on the GPU
    [{ name: 'robust', params: { labelSmoothing: 0.5 - 1e-12 } }, /in \[0, 0\.5\)/], // 0.5 on the GPU
    [{ name: 'aot', params: { useWeighting: true } }, /takes no useWeighting/],
    [{ name: 'simpo', params: { fDivergence: 'forward_kl' } }, /takes no fDivergence/],
    [{ name: 'dpo', params: { fDivergence: 'kl' } }, /reverse_kl, forward_kl/],
    [{ name: 'dpo', params: { ldAlpha: 2 } }, /ldAlpha must be a number in \[0, 1\]/],
    [{ name: 'robust', params: { labelSmoothing: 0.5 } }, /in \[0, 0\.5\)/],
    [{ expression: 'beta * margin', params: { gamma: 1 } }, /no parameter 'gamma'. Its parameters: beta/],
    [{ expression: 'beta * margin', params: { beta: Number.NaN } }, /must be a number/],
    [{ mix: [] }, /A mixture is a list/],
    [{ mix: [{ objective: { name: 'dpo' } }] }, /mix\[0\]'s weight/],
    [
      {
        mix: [
          { objective: { name: 'dpo', params: { ldAlpha: 0.5 } }, weight: 1 },
          { objective: { name: 'sft' }, weight: 1 },
        ],
      },
      /same ldAlpha/,
    ],
    [{}, /'name', an 'expression' or a 'mix'/],
    [null, /such as/],
  ])('%j is refused', (choice, problem) => {
    expect(() => resolveObjective(choice as unknown as ObjectiveChoice)).toThrow(ObjectiveError);
    expect(() => resolveObjective(choice as unknown as ObjectiveChoice)).toThrow(problem);
  });
  test('a typed loss names its parameters, inputs and needs', () => {
    const { parameters, inputs, needs } = readLoss('relu(delta - beta * margin) + 0.1 * reward_gap * avg_logp_w');
    expect(Object.keys(parameters)).toEqual(['delta', 'beta']);
    expect(inputs).toEqual(expect.arrayContaining(['logp_w', 'ref_w', 'reward_l', 'len_w']));
    expect(needs).toEqual(expect.arrayContaining(['reference', 'rewards', 'lengths']));
    expect(parameters['beta']?.default).toBe(0.1);
  });
  test('options are listed', () => expect(optionsOf({ divergence: true, weighting: true })).toContain('fDivergence'));
});

test('DPO over the margin is the logistic curve', () => {
  const forces = forcesOf({ name: 'dpo', params: { beta: 2 } });
  for (const margin of [-3, 0, 3]) {
    const { loss, chosen, rejected } = forces(stateAtMargin(-7, -7, margin));
    expect(loss).toBeCloseTo(Math.log1p(Math.exp(-2 * margin)), 12);
    expect(chosen).toBeCloseTo(2 / (1 + Math.exp(2 * margin)), 12);
    expect(rejected).toBeCloseTo(2 / (1 + Math.exp(2 * margin)), 12);
  }
});

test('FocalPO turns round where DPO’s loss passes 1/γ, which its own never reaches', () => {
  const gamma = 2;
  const forces = forcesOf({ name: 'focal_po', params: { beta: 1, gamma } });
  const turn = -Math.log(Math.expm1(1 / gamma)); // -log σ(turn) = 1/γ
  expect(forces(stateAtMargin(-7, -7, turn - 0.01)).chosen).toBeLessThan(0);
  expect(forces(stateAtMargin(-7, -7, turn + 0.01)).chosen).toBeGreaterThan(0);
  expect(forces(stateAtMargin(-7, -7, turn)).loss).toBeCloseTo(1 / (gamma * Math.E), 12);
});

test('BCO pulls a common fall back as far as the running mean lags behind it', () => {
  const { evaluate, inputs } = resolveObjective({ name: 'bco', params: { beta: 1 } });
  const net = (seen: number): number => {
    const columns: Record<string, number> = { ref_w: 0, ref_l: 0, mean_logratio: seen };
    const { byChosen, byRejected } = evaluate(
      -5,
      -5,
      inputs.map((name) => columns[name] ?? Number.NaN),
    );
    return -byChosen - byRejected;
  };
  expect(net(-5)).toBeCloseTo(0, 12);
  expect(net(-2.5)).toBeGreaterThan(0.4);
  expect(net(0)).toBeGreaterThan(net(-2.5));
});

test('parsing is linear in what is typed', () => {
  const names = { inputs: ['logp_w'], shorthands: {} };
  expect(() => parse(`${'square('.repeat(40)}logp_w${')'.repeat(40)}`, names)).not.toThrow();
});
