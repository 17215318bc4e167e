import axe from 'axe-core';
import type { Page } from 'playwright';

/** Rules whose outcome changes with the theme: the others read the document, which is the same in both. */
const ofColour = ['color-contrast', 'link-in-text-block'];

interface Asked {
  /** selects what is looked at; default the whole page */
  within?: string;
  /** the page was looked at in its other theme already */
  isOtherTheme?: boolean;
  /** default what is serious or critical */
  every?: boolean;
}

/** The rules of accessibility that the page breaks as it stands, each with the first piece that breaks it. */
export async function problemsOf(page: Page, { within, isOtherTheme = false, every = false }: Asked = {}): Promise<string[]> {
  // The page's policy forbids scripts of others; the test puts axe in through the debugger.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(
    async ([where, rules]) => {
      const { axe: here } = globalThis as unknown as { axe: typeof axe };
      return (await here.run(where ?? document, rules ? { runOnly: rules } : {})).violations;
    },
    [within ?? null, isOtherTheme ? ofColour : null] as const,
  );
  return violations
    .filter(({ impact }) => every || impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
