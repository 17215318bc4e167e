// `node src/build/setup.mjs [--browser]`: whatever a fresh clone still lacks. A few milliseconds when nothing does.
import { installPackages, run } from './install-packages.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`prefscope needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`);
  process.exit(1);
}

/** @param {string[]} command */
const apt = (...command) => run('apt-get', ['-qq', ...command], { environment: { DEBIAN_FRONTEND: 'noninteractive' } });

function installDebianShell() {
  const install = () => apt('install', '-y', '--no-install-recommends', 'chromium-headless-shell');
  try {
    install();
  } catch {
    apt('-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20', 'update'); // a fresh machine has no lists yet
    install();
  }
}

async function installChromium() {
  const { findChromium, lacksDebianShell } = await import('./find-chromium.mjs');
  const root = process.getuid?.() === 0;
  if (root && lacksDebianShell()) {
    try {
      installDebianShell();
    } catch {
      console.warn('Debian could not install chromium-headless-shell; looking for another browser.');
    }
  }
  if (findChromium()) return;
  run(process.execPath, ['node_modules/playwright/cli.js', 'install', ...(root ? ['--with-deps'] : []), 'chromium']);
  if (!findChromium()) throw new Error('No Chromium was found or could be installed. Set CHROME_PATH to a Chrome or Chromium binary.');
}

installPackages();
if (process.argv.includes('--browser')) await installChromium();
