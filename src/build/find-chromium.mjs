import { existsSync } from 'node:fs';

// Without windows a browser needs half the time for every page that tests open.
const debianShell = '/usr/lib/chromium/chromium-headless-shell';
const usualPlaces = [
  debianShell,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
];

const { chromium } = await import('playwright');

/** A browser is there that Debian can better. */
export const lacksDebianShell = () => !process.env['CHROME_PATH'] && existsSync('/etc/debian_version') && !existsSync(debianShell);

/**
 * CHROME_PATH, else an installed Chromium or Chrome, else the one that Playwright downloaded.
 * @returns {string | undefined}
 */
export function findChromium() {
  const chosen = process.env['CHROME_PATH'];
  if (chosen && !existsSync(chosen))
    throw new Error(`CHROME_PATH is ${chosen}, and there is no such file. Point it at a Chrome or Chromium binary.`);
  return chosen || [...usualPlaces, chromium.executablePath()].find((path) => existsSync(path));
}
