import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ResourceType, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { smallestEnsemble } from '../../backend/ensemble-layout.ts';
import { ensembleWgsl } from '../../backend/ensemble-wgsl.ts';
import { smallestRegression } from '../../backend/regression-layout.ts';
import { regressionWgsl } from '../../backend/regression-wgsl.ts';
import { compose, slotsOf } from '../../backend/webgpu/compose.ts';
import { heldGradient, heldNormalise, heldRow, lanesText } from '../../backend/webgpu/held-rows.ts';
import { directionText, heldLogs, reduceSums } from '../../backend/webgpu/kl-slots.ts';
import { objectives } from '../../objectives/catalogue.ts';
import { compileObjective } from '../../objectives/compile.ts';
import { compileGroupObjective } from '../../objectives/group-compile.ts';
import { readGroupLoss } from '../../objectives/group-loss.ts';

const root = process.cwd();
const shaderFolder = resolve(root, 'shaders');
const generatedFolder = resolve(root, 'src/backend/webgpu/generated');

/** Every file below shaders/, by path without extension. */
function readShaders(): Map<string, string> {
  const files = readdirSync(shaderFolder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.wgsl'));
  return new Map(
    files.sort().map((file) => [file.replaceAll('\\', '/').replace(/\.wgsl$/, ''), readFileSync(resolve(shaderFolder, file), 'utf8')]),
  );
}

const camelCase = (stem: string) => stem.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The reflection, or an error that shows the line it does not understand. */
function reflect(stem: string, code: string): WgslReflect {
  try {
    return new WgslReflect(code);
  } catch (error) {
    const line = Number(/Line: (\d+)/.exec(String(error))?.[1]);
    throw new Error(`shaders/${stem}.wgsl: ${String(error)}\n${code.split('\n')[line - 1] ?? ''}`);
  }
}

function describe(stem: string, sources: ReadonlyMap<string, string>): string {
  // Any objective will do that reads what others do: the slot brings functions and no binding.
  const [objective] = objectives;
  const defaults = Object.fromEntries(Object.entries(objective?.parameters ?? {}).map(([name, { default: value }]) => [name, value]));
  const texts: Record<string, string> = {
    objective: objective ? compileObjective(objective.loss, defaults).wgsl : '',
    group_objective: compileGroupObjective(
      readGroupLoss('lse_from(beta * (logratio_j - logratio_i)) + sum_t(beta * logratio_t * logratio_i)'),
      { beta: 1 },
    ).wgsl,
    ensemble_shape: ensembleWgsl(smallestEnsemble),
    regression_shape: regressionWgsl(smallestRegression),
    load: sources.get('shared/load_scalar') ?? '',
    store: sources.get('shared/store_scalar') ?? '',
    reduce: sources.get('shared/reduce_plain') ?? '',
    lanes: lanesText(128),
    held: heldRow({ columns: 4, lanes: 1 }),
    held_normalise: heldNormalise({ columns: 4, lanes: 1 }),
    held_gradient: heldGradient({ columns: 4, lanes: 1 }),
    direction: directionText('forward'),
    reduce_sums: reduceSums(false),
    held_logs: heldLogs({ columns: 1, lanes: 1 }),
  };
  const slots = Object.fromEntries(slotsOf(stem, sources).map((slot) => [slot, texts[slot] ?? '']));
  const { code } = compose(stem, sources, slots);
  const reflection = reflect(stem, code);

  const bindings: string[] = [];
  const all = [...reflection.uniforms, ...reflection.storage].sort((a, b) => a.binding - b.binding);
  for (const variable of all) {
    const type = variable.resourceType === ResourceType.Uniform ? 'uniform' : variable.access === 'read' ? 'read-only-storage' : 'storage';
    bindings.push(`    ${variable.name}: { binding: ${variable.binding}, type: '${type}' },`);
  }

  // The reflection takes an argument of a binding's name for the binding.
  for (const { name, arguments: args } of reflection.functions)
    for (const argument of args)
      if (all.some((variable) => variable.name === argument.name))
        throw new Error(`shaders/${stem}.wgsl: argument '${argument.name}' of ${name} hides the binding of that name. Rename it.`);

  const entries = reflection.entry.compute.map((entry) => {
    const size = entry.attributes?.find(({ name }) => name === 'workgroup_size')?.value;
    const lanes = String(Array.isArray(size) ? size[0] : size);
    const workgroupSize = Number(new RegExp(`^const ${lanes} = (\\d+)u;`, 'm').exec(code)?.[1] ?? lanes);
    if (!Number.isInteger(workgroupSize))
      throw new Error(`shaders/${stem}.wgsl: ${entry.name} needs @workgroup_size(n) or of a const N = nu.`);
    const used = [...entry.resources].sort((a, b) => a.binding - b.binding).map(({ name }) => `'${name}'`);
    return `    ${entry.name}: { workgroupSize: ${workgroupSize}, bindings: [${used.join(', ')}] },`;
  });

  const members = reflection.structs.find(({ name }) => name === 'Params')?.members ?? [];
  const params = members.map((member, index) => {
    if (!['u32', 'i32', 'f32'].includes(member.type.name) || member.offset !== 4 * index)
      throw new Error(`shaders/${stem}.wgsl: Params.${member.name} must be a u32, i32 or f32.`);
    return `    ['${member.name}', '${member.type.name}'],`;
  });

  return [
    `// Written by \`npm run generate\` from shaders/${stem}.wgsl. Do not edit.`,
    `import text from '../../../../shaders/${stem}.wgsl?raw';`,
    '',
    `export const ${camelCase(stem)} = {`,
    `  stem: '${stem}',`,
    '  text,',
    '  entries: {',
    ...entries,
    '  },',
    '  bindings: {',
    ...bindings,
    '  },',
    params.length > 0 ? ['  params: [', ...params, '  ],'].join('\n') : '  params: [],',
    '} as const;',
    '',
  ].join('\n');
}

/** Writes the interface of every shader with an entry point, which brings its text along; returns the files that differed. */
export function generateBindings({ write }: { write: boolean }): string[] {
  const sources = readShaders();
  const wanted = new Map([...sources.keys()].filter((stem) => !stem.includes('/')).map((stem) => [`${stem}.ts`, describe(stem, sources)]));
  mkdirSync(generatedFolder, { recursive: true });
  const stale: string[] = [];
  for (const file of readdirSync(generatedFolder)) {
    if (wanted.has(file)) continue;
    stale.push(file);
    if (write) rmSync(resolve(generatedFolder, file));
  }
  for (const [file, text] of wanted) {
    const path = resolve(generatedFolder, file);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    stale.push(file);
    if (write) writeFileSync(path, text);
  }
  return stale;
}
