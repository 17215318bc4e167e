/** A page of words and tables about what is seen, as for an issue or a lab book. */
export interface Report {
  readonly title: string;
  readonly about: readonly string[];
  readonly sections: readonly {
    readonly title: string;
    readonly lines?: readonly string[];
    readonly head?: readonly string[];
    readonly rows?: readonly (readonly string[])[];
  }[];
}

const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const style = `body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color:#14171c;background:#fff}
svg{max-width:100%;height:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.2rem 1rem .2rem 0;border-bottom:1px solid #dcdfe3;text-align:left;vertical-align:top}footer{margin-top:2rem;color:#535a66}`;

/** The report as one HTML page that needs nothing else. */
export function reportHtml({ title, about, sections }: Report, svg: string, from: readonly string[]): string {
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    `<table><thead><tr>${head.map((cell) => `<th>${html(cell)}</th>`).join('')}</tr></thead><tbody>\n${rows
      .map((row) => `<tr>${row.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`)
      .join('\n')}\n</tbody></table>`;
  const paragraphs = (lines: readonly string[]): string => lines.map((line) => `<p>${html(line)}</p>`).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(title)}</title>
<style>${style}</style></head><body>
<h1>${html(title)}</h1>
${paragraphs(about)}
<figure style="margin:0">${drawingOf(svg)}</figure>
${sections.map(({ title: heading, lines = [], head = [], rows = [] }) => `<h2>${html(heading)}</h2>\n${paragraphs(lines)}${rows.length > 0 ? `\n${table(head, rows)}` : ''}`).join('\n')}
<footer>${from.map((line) => `<div>${html(line)}</div>`).join('')}</footer>
</body></html>
`;
}

/** The same as Markdown; its figure is the drawing itself. */
export function reportMarkdown({ title, about, sections }: Report, svg: string, from: readonly string[]): string {
  // what Markdown reads as a mark, and what ends a cell
  const plain = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|]/g, '\\$&').replaceAll(/\s+/g, ' ');
  const row = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [row(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(row)].join('\n');
  const parts = [
    `# ${plain(title)}`,
    ...about.map(plain),
    // a blank line would end it
    drawingOf(svg).replaceAll(/\n\s*/g, ' '),
    ...sections.flatMap(({ title: heading, lines = [], head = [], rows = [] }) => [
      `## ${plain(heading)}`,
      ...lines.map(plain),
      ...(rows.length > 0 ? [table(head, rows)] : []),
    ]),
    from.map(plain).join('  \n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A file's drawing, without what stands before it in a file of its own. */
const drawingOf = (svg: string): string => svg.replace(/^\s*<\?xml[^>]*>\s*/, '');
