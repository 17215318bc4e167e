// `node src/build/setup.mjs [--browser]`: whatever a fresh clone still lacks. A few milliseconds when nothing does.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const windows = process.platform === 'win32';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`prefscope needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`);
  process.exit(1);
}

/** @param {string} command @param {string[]} args @param {Record<string, string>} [environment] */
function run(command, args, environment = {}) {
  console.log(`> ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd: root, stdio: 'inherit', shell: windows, env: { ...process.env, ...environment } });
}

function installPackages() {
  const stamp = resolve(root, 'node_modules/.prefscope-lock');
  const lock = createHash('sha256')
    .update(readFileSync(resolve(root, 'package-lock.json')))
    .update(process.version)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  run('npm', ['ci']);
  writeFileSync(stamp, lock);
}

async function installChromium() {
  const { findChromium } = await import('./find-chromium.mjs');
  if (findChromium()) return;
  const root = process.getuid?.() === 0;
  if (root && existsSync('/etc/debian_version')) {
    try {
      run('apt-get', ['update', '-qq']);
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { DEBIAN_FRONTEND: 'noninteractive' });
    } catch {
      console.warn('Debian could not install chromium; trying the browser that Playwright offers.');
    }
    if (findChromium()) return;
  }
  run(process.execPath, ['node_modules/playwright/cli.js', 'install', ...(root ? ['--with-deps'] : []), 'chromium']);
  if (!findChromium()) throw new Error('No Chromium was found or could be installed. Set CHROME_PATH to a Chrome or Chromium binary.');
}

installPackages();
if (process.argv.includes('--browser')) await installChromium();
