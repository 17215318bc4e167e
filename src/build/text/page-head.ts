/** The texts of index.html, each between what is before and after it there. */
const places = [
  /(<title>)(.*?)(<\/title>)/s,
  /(<meta name="description" content=")(.*?)(")/s,
  /(<p class="not-started">)(.*?)(<\/p>)/s,
  /(<noscript>)(.*?)(<\/noscript>)/s,
];

export const headTexts = (html: string): string[] => places.flatMap((place) => place.exec(html)?.[2] ?? []);

/** The page with its texts in another language. */
export const translatedHead = (html: string, language: string, translate: (text: string) => string | null): string =>
  places
    .reduce(
      (page, place) => page.replace(place, (_, before: string, text: string, after: string) => before + (translate(text) ?? text) + after),
      html,
    )
    .replace(/(<html lang=")en(")/, `$1${language}$2`);
