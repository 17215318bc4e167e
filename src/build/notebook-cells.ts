import type { Notebook } from '@observablehq/notebook-kit';
import { parseJavaScript } from '@observablehq/notebook-kit';

type Cell = Notebook['cells'][number];

/** The name under which a cell says where it is. */
const marker = '$at';

/**
 * Puts `$at(cell, line);` before each statement of a cell, so that an error can be placed even where it came from the engine's worker and
 * its stack has no line of the cell. A cell that is one expression is left alone: its place is the cell.
 */
function markLines({ id, value }: Cell): string {
  const { body } = parseJavaScript(value);
  if (body.type !== 'Program') return value;
  let marked = value;
  for (const { type, start } of [...body.body].reverse()) {
    if (type === 'ImportDeclaration' || type === 'FunctionDeclaration' || type === 'ClassDeclaration') continue; // not executed in place
    const line = value.slice(0, start).split('\n').length;
    marked = `${marked.slice(0, start)}${marker}(${id}, ${line});${marked.slice(start)}`;
  }
  return marked;
}

/** Every cell of code shows its source and can say where it is. One that cannot be read fails when it runs, so that the others still do. */
function prepare(cell: Cell): Cell {
  if (cell.mode !== 'js') return { ...cell, pinned: cell.mode === 'ts' && !cell.hidden };
  try {
    return { ...cell, pinned: !cell.hidden, value: markLines(cell) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const line = 'loc' in error ? (error.loc as { line: number }).line : 1;
    const message = `${error.message}: ${cell.value.split('\n')[line - 1]?.trim()}`;
    return { ...cell, pinned: false, value: `${marker}(${cell.id}, ${line});\nthrow new SyntaxError(${JSON.stringify(message)});` };
  }
}

/** The notebook as it is built. */
export const prepareCells = (notebook: Notebook): Notebook => ({ ...notebook, cells: notebook.cells.map(prepare) });

// A mark as the kit's highlighter writes it.
const highlightedMark =
  /<span class="tok-variable">\$at<\/span>\(<span class="tok-literal">\d+<\/span>, <span class="tok-literal">\d+<\/span>\);/g;

/** Takes the marks out of the shown source, and folds each source away under a name. */
export function foldSources(html: string): string {
  return html
    .replace(highlightedMark, '')
    .replace(
      /<pre([^>]*)>(<code class="language-(?:js|ts)">[\s\S]*?<\/code>)<\/pre>/g,
      '<details class="source"><summary>Code</summary><pre$1 tabindex="0">$2</pre></details>',
    );
}
