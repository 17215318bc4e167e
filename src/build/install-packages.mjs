import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** @param {string} command @param {string[]} args @param {{ folder?: string, environment?: Record<string, string> }} [where] */
export function run(command, args, { folder = '.', environment = {} } = {}) {
  console.log(`> ${command} ${args.join(' ')}${folder === '.' ? '' : `  (in ${folder})`}`);
  const shell = process.platform === 'win32';
  execFileSync(command, args, { cwd: resolve(root, folder), stdio: 'inherit', shell, env: { ...process.env, ...environment } });
}

/**
 * `npm ci` where the lock file or Node has changed since the last time.
 * @param {string} [folder] of a package.json, from the repository's root
 */
export function installPackages(folder = '.') {
  const stamp = resolve(root, folder, 'node_modules/.prefscope-lock');
  const lock = createHash('sha256')
    .update(readFileSync(resolve(root, folder, 'package-lock.json')))
    .update(process.version)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  run('npm', ['ci'], { folder });
  writeFileSync(stamp, lock);
}
