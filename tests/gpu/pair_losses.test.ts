import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { parse } from '../../src/core/expression/parse.ts';
import { type Program, toProgram } from '../../src/core/expression/program.ts';
import { toWgsl } from '../../src/core/expression/wgsl.ts';
import { type CompiledObjective, type ObjectiveChoice, objectives, resolveObjective, samplePoints, slopesOf } from '../../src/index.ts';
import { float32Bounds } from '../shared/float32-bounds.ts';
import { type Point, randomExpression, randomPoint, randomStream } from '../shared/random-expressions.ts';
import { smallestNormal } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

let gpu: Backend | null = null;
beforeAll(async () => {
  gpu = await createWebGpuBackend();
});
afterAll(() => gpu?.dispose());

/** [3, points]: losses and both slopes of one objective at many pairs, by the engine's kernel. */
function evaluate(
  backend: Backend,
  objective: CompiledObjective,
  points: readonly Point[],
  weights: readonly number[] = points.map(() => points.length), // a share of 1: the slopes come back unscaled
) {
  const pairs = points.length;
  const column = (name: string) => Float64Array.from(points, (point) => point[name] ?? Number.NaN);
  const inputs = points.flatMap((point) => objective.inputs.map((name) => point[name] ?? Number.NaN));
  const results = backend.allocate('float', 3 * pairs);
  const [losses, slopes] = [backend.allocate('float', pairs), backend.allocate('float', 2 * pairs)];
  backend.pairLosses({
    pairs,
    objective,
    objectiveParameters: backend.upload(Float64Array.from([...objective.parameterValues, 0])),
    chosenLogps: backend.upload(column('logp_w')),
    rejectedLogps: backend.upload(column('logp_l')),
    pairInputs: backend.upload(Float64Array.from([...inputs, 0])),
    weights: backend.upload(Float64Array.from(weights)),
    losses,
    slopes,
  });
  backend.copy(losses, results, 0);
  backend.copy(slopes, results, pairs);
  return backend.read(results);
}

/** Compares all three outputs at all points with the float64 twin; returns how many could be compared, and which points overflow. */
async function compare(objective: CompiledObjective, points: readonly Point[], what: string) {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  const cpu = createCpuBackend();
  const [single, double] = await Promise.all([evaluate(gpu, objective, points), evaluate(cpu, objective, points)]);
  const program = toProgram([objective.loss, objective.byChosen, objective.byRejected]);
  const parameters = Object.fromEntries(objective.parameterNames.map((name, i) => [name, objective.parameterValues[i] ?? 0]));
  let compared = 0;
  const overflows: string[] = [];
  for (const [pair, point] of points.entries()) {
    for (const [output, { value, error }] of float32Bounds(program, { ...point, ...parameters }).entries()) {
      const at = output * points.length + pair;
      const [got, expected] = [single[at] as number, double[at] as number];
      expect(expected, `${what}: float64 twin`).toBe(value);
      if (error === Number.POSITIVE_INFINITY || !Number.isFinite(value)) {
        overflows.push(`${['loss', 'by chosen', 'by rejected'][output]} at ${JSON.stringify(point)}`);
        continue;
      }
      compared++;
      if (!(Math.abs(got - expected) <= error))
        expect.fail(`${what}, output ${output} at ${JSON.stringify({ ...point, ...parameters })}: ${got}, not ${expected} ± ${error}`);
    }
  }
  return { compared, overflows };
}

describe('the catalogue on WebGPU, from ordinary to extreme margins', () => {
  test.each(objectives.map(({ id }) => id))('%s', async (name) => {
    const objective = objectives.find(({ id }) => id === name);
    if (!objective) throw new Error(name);
    const points = samplePoints(objective.parameters);
    const { compared, overflows } = await compare(resolveObjective({ name }), points, name);
    expect(overflows).toEqual([]);
    expect(compared).toBe(3 * points.length);
    // the same pipeline with other parameter values
    const params = Object.fromEntries(Object.keys(objective.parameters).map((each) => [each, points[0]?.[each] ?? 0]));
    await compare(resolveObjective({ name, params }), points.slice(0, 24), `${name} ${JSON.stringify(params)}`);
  });

  test.each([
    ['forward_kl', 0.5],
    ['js_divergence', 0.5],
    ['alpha_divergence', 0.5],
    ['alpha_divergence', 1.7],
  ] as const)('f-divergence %s %f', async (fDivergence, alphaDivergenceCoef) => {
    for (const name of ['dpo', 'ipo', 'exo_pair']) {
      const choice: ObjectiveChoice = { name, params: { fDivergence, alphaDivergenceCoef } };
      const { compared, overflows } = await compare(resolveObjective(choice), samplePoints({}), JSON.stringify(choice));
      expect(compared).toBeGreaterThan(60);
      // IPO squares its score, and e^80 squared is beyond float32: its card says so
      if (name !== 'ipo') expect(overflows, name).toEqual([]);
    }
  });

  test('an undefined input makes all three outputs undefined', async () => {
    if (!gpu) throw new Error('The WebGPU backend did not open.');
    for (const name of ['hinge', 'rrhf', 'orpo', 'exo_pair'])
      for (const lost of ['logp_w', 'len_l', 'ref_w']) {
        const objective = resolveObjective({ name });
        if (lost !== 'logp_w' && !(objective.inputs as readonly string[]).includes(lost)) continue;
        const [point] = samplePoints({}, {}, 1);
        const result = await evaluate(gpu, objective, [{ ...point, [lost]: Number.NaN }]);
        expect([...result], `${name} without ${lost}`).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      }
  });
});

test.each([1, 2, 63, 64, 65, 200])('%i pairs, each with its share in the mean', async (pairs) => {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  const random = randomStream(pairs);
  const objective = resolveObjective({ name: 'dpo' });
  const program = toProgram([objective.loss, objective.byChosen, objective.byRejected]);
  const parameters = Object.fromEntries(objective.parameterNames.map((name, i) => [name, objective.parameterValues[i] ?? 0]));
  const points = Array.from({ length: pairs }, () => randomPoint(random));
  const weights = points.map((_, pair) => (pair % 5 === 3 ? 0 : Math.fround(2 * random())));
  const single = await evaluate(gpu, objective, points, weights);
  const double = await evaluate(createCpuBackend(), objective, points, weights);
  // the loss itself has no weight; a share is a quotient within 2.5 ULP = 5 roundoffs, and its product rounds once
  const bounds = points.map((point, pair) =>
    float32Bounds(program, { ...point, ...parameters }).map(({ value, error }, output) => {
      const share = output === 0 ? 1 : (weights[pair] ?? 0) / pairs;
      return share * (error + (output === 0 ? 0 : 6.1 * float32Roundoff * (Math.abs(value) + error))) + smallestNormal;
    }),
  );
  expectWithin(single, double, (i) => bounds[i % pairs]?.[Math.floor(i / pairs)] ?? 0);
});

const names = { inputs: ['logp_w', 'logp_l', 'ref_w', 'ref_l'], shorthands: {} };
const scalars = ['input_logp_w', 'input_logp_l', 'input_ref_w', 'input_ref_l', 'parameter_beta', 'parameter_gamma'];

/** Many programs as one objective: pair i belongs to program i mod n, so that one shader module holds them all. */
function pack(programs: readonly Program[], parameterValues: readonly number[]): CompiledObjective {
  const functions = programs.map((program, i) => {
    const { statements, outputs } = toWgsl(program);
    const head = `fn program_${i}(${scalars.map((name) => `${name}: f32`).join(', ')}) -> ObjectiveValue {`;
    return [head, ...statements, `return ObjectiveValue(${outputs.join(', ')});`, '}'].join('\n');
  });
  const reads = ['pair_inputs[2u * pair]', 'pair_inputs[2u * pair + 1u]', 'objective_parameters[0]', 'objective_parameters[1]'];
  const operands = ['input_logp_w', 'input_logp_l', ...reads].join(', ');
  return {
    ...resolveObjective({ name: 'dpo' }),
    inputs: ['ref_w', 'ref_l'],
    parameterValues,
    wgsl: [
      ...functions,
      'fn objective_of(pair: u32, input_logp_w: f32, input_logp_l: f32) -> ObjectiveValue {',
      `switch (pair % ${programs.length}u) {`,
      ...programs.map((_, i) => `case ${i}u: { return program_${i}(${operands}); }`),
      'default: { return ObjectiveValue(0.0, 0.0, 0.0); }',
      '} }',
    ].join('\n'),
  };
}

/** A loss and its slopes as one program. */
function programOf(text: string): Program {
  const loss = parse(text, names);
  const { byChosen, byRejected } = slopesOf(loss);
  return toProgram([loss, byChosen, byRejected]);
}

test('every function over the whole range of float32, and where it is not a number', async () => {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  const texts = [
    ...[
      'exp',
      'expm1',
      'log',
      'log1p',
      'log1mexp',
      'logsigmoid',
      'sigmoid',
      'softplus',
      'relu',
      'tanh',
      'sqrt',
      'square',
      'abs',
      'sign',
    ].map((name) => `${name}(logp_w)`),
    'logp_w ^ 3',
    'logp_w ^ -2',
    'abs(logp_w) ^ 1.5',
    'min(logp_w, 1)',
    'max(logp_w, -1)',
    'where(logp_w < 0, 1, logp_w)',
  ];
  const programs = texts.map(programOf);
  const sizes = Array.from({ length: 120 }, (_, i) => 10 ** (-12 + (16 * i) / 119)); // 1e-12 to 1e4
  const arguments_ = [0, 87, 88.7, -87.4, -Math.LN2, -0.34657359, 0.34657359, ...sizes, ...sizes.map((size) => -size)].map(Math.fround);
  const points = arguments_.flatMap((logp_w) => texts.map(() => ({ logp_w, logp_l: 0, ref_w: 0, ref_l: 0, beta: 1, gamma: 1 })));
  const results = await evaluate(gpu, pack(programs, [1, 1]), points);
  let compared = 0;
  for (const [pair, point] of points.entries()) {
    const index = pair % texts.length;
    const what = `${texts[index]} at ${point.logp_w}`;
    const program = programs[index] as Program;
    const [loss, byChosen] = float32Bounds(program, point);
    const got = results[pair] as number;
    if (!loss || !byChosen) continue;
    if (Number.isNaN(loss.value)) {
      expect(got, what).toBeNaN();
    } else if (Number.isFinite(loss.error)) {
      compared++;
      if (!(Math.abs(got - loss.value) <= loss.error)) expect.fail(`${what}: ${got}, not ${loss.value} ± ${loss.error}`);
    } else if (Math.abs(loss.value) > 4e38) {
      expect(got, what).toBe(Math.sign(loss.value) * Number.POSITIVE_INFINITY);
    }
    const slope = results[points.length + pair] as number;
    if (Number.isFinite(byChosen.value) && Number.isFinite(byChosen.error) && !(Math.abs(slope - byChosen.value) <= byChosen.error))
      expect.fail(`slope of ${what}: ${slope}, not ${byChosen.value} ± ${byChosen.error}`);
  }
  expect(compared).toBeGreaterThan(0.7 * points.length);
});

test('a loss without a value still compiles, and says so', async () => {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  const texts = [
    ...[
      'margin / 0',
      'margin + 1 / 0',
      '1e30 * 1e30 * margin',
      'exp(100) * margin',
      '2 ^ 200 * margin',
      'margin + 0 / 0',
      'log(-1) + margin',
    ],
    ...['(-8) ^ 0.5 + margin', 'sqrt(margin - 100)', 'log(0) * margin', '(1e-30 * 1e-30) / margin', 'margin ^ 1e9', 'min(1 / 0, margin)'],
  ];
  const [point = {}] = samplePoints({}, {}, 1);
  for (const expression of texts) {
    const objective = resolveObjective({ expression });
    const [single] = await evaluate(gpu, objective, [point]);
    const [double] = await evaluate(createCpuBackend(), objective, [point]);
    if (Number.isNaN(double)) expect(single, expression).toBeNaN();
    else if (Math.abs(double as number) > 4e38) expect(single, expression).toBe(Math.sign(double as number) * Number.POSITIVE_INFINITY);
    else expect(single, expression).toBeCloseTo(double as number, 4);
  }
});

test('240 random expressions: WGSL against float64', async () => {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  const random = randomStream(3);
  const [modules, perModule, pointsEach] = [6, 40, 6];
  let [compared, asked] = [0, 0];
  for (let module = 0; module < modules; module++) {
    const texts = Array.from({ length: perModule }, () => randomExpression(random, 1 + Math.floor(4 * random())).text);
    const programs = texts.map(programOf);
    const { beta = 1, gamma = 1 } = randomPoint(random);
    const points = Array.from({ length: perModule * pointsEach }, () => ({ ...randomPoint(random), beta, gamma }));
    const results = await evaluate(gpu, pack(programs, [beta, gamma]), points);
    for (const [pair, point] of points.entries()) {
      const program = programs[pair % perModule];
      if (!program) continue;
      for (const [output, { value, error }] of float32Bounds(program, point).entries()) {
        asked++;
        if (!Number.isFinite(value) || !Number.isFinite(error)) continue;
        compared++;
        const got = results[output * points.length + pair] as number;
        if (!(Math.abs(got - value) <= error))
          expect.fail(`${texts[pair % perModule]}, output ${output} at ${JSON.stringify(point)}: ${got}, not ${value} ± ${error}`);
      }
    }
  }
  expect(compared).toBeGreaterThan(0.9 * asked);
});
