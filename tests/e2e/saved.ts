import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';

/** Opens the menu of a panel and saves one format. */
export async function save(page: Page, panel: string, format: string): Promise<Buffer> {
  await page.getByRole('button', { name: `Export: ${panel}`, exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: new RegExp(`^${format} `) }).click(),
  ]);
  return readFile(await download.path());
}

/** What an image file shows by itself, on an empty page: its size, and its colours with how many pixels each has. */
export const show = (page: Page, file: Buffer, type: string) =>
  page.evaluate(
    async (url) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      const colours: Record<string, number> = {};
      for (let i = 0; i < data.length; i += 4) {
        const colour = `rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})`;
        colours[colour] = (colours[colour] ?? 0) + 1;
      }
      return { width: canvas.width, height: canvas.height, colours };
    },
    `data:${type};base64,${file.toString('base64')}`,
  );

/** Texts of a drawing that lie over one another. */
export const overprinted = (page: Page, svg: string) =>
  page.evaluate((drawing) => {
    document.body.innerHTML = drawing;
    const texts = [...document.querySelectorAll('svg text')].map((text) => {
      const { left, right, top, height } = text.getBoundingClientRect();
      // the glyphs, about: without the room above and below them
      return { text: text.textContent, left: left + 1, right: right - 1, top: top + 0.25 * height, bottom: top + 0.75 * height };
    });
    return texts.flatMap((a, place) =>
      texts
        .slice(place + 1)
        .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        .map((b) => `${a.text} | ${b.text}`),
    );
  }, svg);

/** Nothing that only the page could resolve, and nothing from elsewhere. */
export const dependent = /(?<![-\w])(class|style|src)=|var\(|@import|<script|foreignObject|url\((?!["']?#)|href="(?!data:image\/png|#)/;

/** Ids that the drawing refers to and does not have. */
export const unresolved = (svg: string): string[] => {
  const names = (pattern: RegExp) => [...svg.matchAll(pattern)].map(([, name = '']) => name);
  const own = new Set(names(/\bid="([^"]+)"/g));
  return names(/(?:url\(|href=")#([^")]+)/g).filter((name) => !own.has(name));
};
