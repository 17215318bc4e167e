// Which Web APIs and built-ins src uses that the current Firefox or Safari lacks, by MDN's compatibility data. TypeScript says whose member
// each name is. Syntax needs no check: Vite's build target sets it. What is listed below is asked for before it is used.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import data from '@mdn/browser-compat-data' with { type: 'json' };
import ts from 'typescript';

/** What may be lacking, and what happens then. */
const detected = [
  { api: /^(GPU|Navigator\.gpu$|WorkerNavigator\.gpu$)/, instead: 'the CPU engine computes, and the page says why' },
  { api: /^Window\.requestIdleCallback$/, instead: 'a timer says when what may be needed next is compiled' },
];

const root = resolve(import.meta.dirname, '../../..');
const browsers = /** @type {const} */ (['firefox', 'safari']);
const current = (/** @type {'firefox' | 'safari'} */ browser) =>
  Object.entries(data.browsers[browser].releases).find(([, { status }]) => status === 'current')?.[0] ?? '';
const isUpTo = (/** @type {string} */ version, /** @type {string} */ newest) =>
  version.replace('≤', '').localeCompare(newest, 'en', { numeric: true }) <= 0;

/** @param {string} name `Interface` or `Interface.member` */
const lackedBy = (name) => {
  const [owner = '', member] = name.split('.');
  const of = /** @type {any} */ (data.api)[owner] ?? /** @type {any} */ (data.javascript.builtins)[owner.replace(/Constructor$/, '')];
  const entry = member === undefined ? of : (of?.[member] ?? of?.[`${member}_static`]);
  const support = entry?.__compat?.support;
  if (!support) return []; // MDN does not list it
  return browsers.filter((browser) => {
    const statements = [support[browser] ?? []].flat();
    return !statements.some(
      ({ version_added, version_removed, flags }) =>
        typeof version_added === 'string' && isUpTo(version_added, current(browser)) && !version_removed && !flags,
    );
  });
};

const scripts = new Map();
const files = [];
for (const name of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
  const path = join(root, 'src', name).replaceAll('\\', '/');
  if (name.startsWith('build')) continue;
  if (name.endsWith('.ts')) files.push(path);
  // Of a component, its script; handlers in the markup call what stands there.
  if (!name.endsWith('.svelte')) continue;
  const script = [...readFileSync(path, 'utf8').matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, code]) => code).join('\n');
  scripts.set(`${path}.script.ts`, script);
  files.push(`${path}.script.ts`);
}
const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const host = ts.createCompilerHost(options);
const { readFile, fileExists } = host;
host.readFile = (/** @type {string} */ path) => scripts.get(path) ?? readFile(path);
host.fileExists = (/** @type {string} */ path) => scripts.has(path) || fileExists(path);
const program = ts.createProgram(files, options, host);
const checker = program.getTypeChecker();

const isPlatform = (/** @type {import('typescript').Declaration} */ { parent }) => {
  const { fileName } = parent.getSourceFile();
  return /\/typescript\/lib\/lib\.|\/@webgpu\/types\//.test(fileName);
};
/** @type {Map<string, Set<string>>} what is used, and where */
const used = new Map();
const use = (/** @type {string} */ name, /** @type {import('typescript').Node} */ node) => {
  const file = node.getSourceFile();
  const place = `${file.fileName.slice(root.length + 1).replace('.script.ts', '')}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  used.set(name, (used.get(name) ?? new Set()).add(place));
};
const visit = (/** @type {import('typescript').Node} */ node) => {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return; // types are gone when it runs
  if (ts.isPropertyAccessExpression(node)) {
    const declaration = checker.getSymbolAtLocation(node.name)?.declarations?.find(isPlatform);
    if (declaration && (ts.isInterfaceDeclaration(declaration.parent) || ts.isClassDeclaration(declaration.parent)))
      use(`${declaration.parent.name?.text}.${node.name.text}`, node);
  } else if (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)) {
    const declarations = checker.getSymbolAtLocation(node)?.declarations ?? [];
    const isGlobal = declarations.some((one) => isPlatform(one) && !ts.isPropertySignature(one) && !ts.isMethodSignature(one));
    if (isGlobal) use(/^[A-Z]/.test(node.text) ? node.text : `Window.${node.text}`, node);
  }
  ts.forEachChild(node, visit);
};
for (const file of files) {
  const source = program.getSourceFile(file);
  if (source) visit(source);
}

const lacking = [...used]
  .map(([name, places]) => ({ name, places, browsers: lackedBy(name) }))
  .filter((found) => found.browsers.length > 0);
for (const { name, places, browsers: by } of lacking) {
  if (detected.some(({ api }) => api.test(name))) continue;
  console.error(`${name} is lacking in the current ${by.join(' and ')}: ${[...places].slice(0, 3).join(', ')}`);
  process.exitCode = 1;
}
if (process.argv.includes('--list'))
  console.log(`${used.size} used; lacking: ${lacking.map(({ name, browsers: by }) => `${name} (${by})`).join(', ')}`);
