import { isRecord, looseValue } from '../rows/loose-json.ts';
import { logTable } from './html-tables.ts';

/** A text of a notebook, which keeps it in lines. */
const joined = (text: unknown): string => (Array.isArray(text) ? text.join('') : typeof text === 'string' ? text : '');

/**
 * What the cells of a Jupyter notebook have printed of a run: the longest table of a trainer, else all that was printed. null where it is no
 * notebook, or nothing was printed in it.
 */
export function notebookLog(text: string): string | null {
  const notebook = looseValue(text);
  if (!isRecord(notebook) || !('nbformat' in notebook) || !Array.isArray(notebook['cells'])) return null;
  const outputs = (notebook['cells'] as unknown[]).flatMap((cell) =>
    isRecord(cell) && Array.isArray(cell['outputs']) ? (cell['outputs'] as unknown[]).filter(isRecord) : [],
  );
  const shown = outputs.map((output) => (isRecord(output['data']) ? output['data'] : {}));
  const table = logTable(shown.map((data) => joined(data['text/html'])).join('\n'));
  if (table !== null) return table;
  const printed = outputs.map((output, i) => joined(output['text']) || joined(shown[i]?.['text/plain'])).join('\n');
  return printed.trim() === '' ? null : printed;
}
