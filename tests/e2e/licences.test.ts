import { expect, inject, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

test('the site brings the licences of what it ships: of the page, and of the notebooks', async () => {
  const response = await fetch(`${inject('site')}licences.txt`);
  expect(response.ok).toBe(true);
  const text = await response.text();
  expect(text).toMatch(new RegExp(`^prefscope ${packageJson.version} \\(MIT\\)$`, 'm'));
  // d3 is a collection of packages, and those that are used are shipped.
  for (const name of ['d3-scale', 'svelte', 'temml', 'uqr', '@observablehq/runtime'])
    expect(text).toMatch(new RegExp(`^${name} \\d\\S+ \\(\\w+\\)$`, 'm'));
  expect(text).toMatch(/^Copyright 2010-\d+ Mike Bostock$/m);
});
