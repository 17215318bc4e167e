// `npm run notebook new <name>`: a notebook that runs, to be filled with a question.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const usage = 'Usage: npm run notebook new <name>, with a name of lower-case letters, digits and hyphens, such as "label-noise".';

/**
 * Writes `notebooks/<name>.html` below `root`, and returns where. Throws an Error that says what to change.
 * @param {string} root
 * @param {readonly string[]} words of the command line, after the command
 */
export function newNotebook(root, [command, name = '', ...more]) {
  if (command !== 'new' || more.length > 0 || !/^[a-z][a-z\d]*(-[a-z\d]+)*$/.test(name)) throw new Error(usage);
  const path = join('notebooks', `${name}.html`);
  if (existsSync(join(root, path))) throw new Error(`${path} is there already. Choose another name, or edit it.`);
  const title = `${name[0]?.toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
  const template = readFileSync(join(import.meta.dirname, 'notebook-template.html'), 'utf8');
  mkdirSync(join(root, 'notebooks'), { recursive: true });
  writeFileSync(join(root, path), template.replace('<title>A question</title>', `<title>${title}</title>`));
  return path;
}

if (import.meta.filename === process.argv[1]) {
  try {
    const path = newNotebook(process.cwd(), process.argv.slice(2));
    console.log(`Wrote ${path}. \`npm start\` serves it and prints its URL; it is built and tested with the others.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
