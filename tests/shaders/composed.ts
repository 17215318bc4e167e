import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { smallestEnsemble } from '../../src/backend/ensemble-layout.ts';
import { ensembleWgsl } from '../../src/backend/ensemble-wgsl.ts';
import { smallestRegression } from '../../src/backend/regression-layout.ts';
import { regressionWgsl } from '../../src/backend/regression-wgsl.ts';
import { compose, slotsOf } from '../../src/backend/webgpu/compose.ts';
import { heldGradient, heldNormalise, heldRow, lanesText } from '../../src/backend/webgpu/held-rows.ts';
import { directions, directionText, heldLogs, reduceSums } from '../../src/backend/webgpu/kl-slots.ts';
import { objectives } from '../../src/objectives/catalogue.ts';
import { resolveGroupObjective } from '../../src/objectives/group-resolve.ts';
import { resolveObjective } from '../../src/objectives/resolve.ts';

const folder = resolve(import.meta.dirname, '../../shaders');

/** Every shader's text by its path below shaders/, without extension. */
export const sources: ReadonlyMap<string, string> = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.wgsl'))
    .map((file) => [file.replaceAll('\\', '/').replace(/\.wgsl$/, ''), readFileSync(resolve(folder, file), 'utf8')]),
);

export const stems = [...sources.keys()].filter((name) => !name.includes('/'));

const shared = (name: string): string => sources.get(`shared/${name}`) ?? '';

/** Nothing, a row of one invocation, and one of a workgroup. */
const held = [
  { columns: 1, lanes: 1 },
  { columns: 64, lanes: 1 },
  { columns: 16384, lanes: 256 },
];

/** What may stand in each slot. */
const choices: Readonly<Record<string, readonly string[]>> = {
  objective: objectives.slice(0, 1).map(({ id }) => resolveObjective({ name: id }).wgsl),
  // without a sum, with both kinds of sums over j, and with sums over tokens
  group_objective: ['best_of_n', 'nca', 'rrhf', 'grpo'].map((name) => resolveGroupObjective({ name }).wgsl),
  load: ['load_mat4', 'load_vec4', 'load_scalar'].map(shared),
  store: ['store_mat4', 'store_vec4', 'store_scalar'].map(shared),
  reduce: ['reduce_plain', 'reduce_subgroups'].map(shared),
  ensemble_shape: [
    smallestEnsemble,
    // memory in storage
    { ...smallestEnsemble, parameterisation: 'features' as const, dimensions: 64, columns: 64, secondTrained: true },
  ].map(ensembleWgsl),
  regression_shape: [smallestRegression, { ...smallestRegression, rule: 'adam' as const, slots: 2 as const }].map(regressionWgsl),
  lanes: [128, 128, 256].map(lanesText),
  held: held.map(heldRow),
  held_normalise: held.map(heldNormalise),
  held_gradient: held.map(heldGradient),
  direction: directions.map(directionText),
  reduce_sums: [false, true].map(reduceSums),
  held_logs: [1, 128, 256].map((lanes) => heldLogs({ columns: 16 * lanes + 1, lanes })),
};

/** The composed texts of a shader, each choice of each slot at least once. */
export function variantsOf(stem: string, texts: ReadonlyMap<string, string> = sources): string[] {
  const slots = slotsOf(stem, texts);
  const count = Math.max(1, ...slots.map((slot) => choices[slot]?.length ?? 0));
  return Array.from({ length: count }, (_, variant) => {
    const chosen = slots.map((slot) => {
      const options = choices[slot];
      if (!options) throw new Error(`shaders/${stem}.wgsl has a slot '${slot}' that the shaders' tests do not know. Add what fills it.`);
      return [slot, options[Math.min(variant, options.length - 1)] ?? ''] as const;
    });
    return compose(stem, texts, Object.fromEntries(chosen)).code;
  });
}
