import { ExpressionError } from '../core/errors.ts';
import { readLoss, type TypedLoss } from './typed.ts';

/** Methods of a tensor that are functions of a line. */
const METHODS = /\.(detach|exp|log|log1p|expm1|abs|sigmoid|tanh|relu|square|sqrt|neg|sign)\(\s*\)/;

const blank = (text: string): string => ' '.repeat(text.length);

/** Where the operand before a method begins: a name, a call, or a parenthesis. */
function operandStart(text: string, end: number): number {
  let at = end;
  if (text[at - 1] === ')') {
    let depth = 0;
    do {
      at--;
      if (text[at] === ')') depth++;
      else if (text[at] === '(') depth--;
    } while (at > 0 && depth > 0);
  }
  while (at > 0 && /[\w]/.test(text[at - 1] ?? '')) at--;
  return at;
}

/** Whether a line is Python and no mathematics: an assignment, a module's function, an attribute, a comment. */
const isPython = (text: string): boolean =>
  /^\s*(?:return\b|\w+\s*=(?!=))|\b(?:F|torch|nn|np|jnp|jax|self|args|config)\.|\.\w+\(|#|\n|\\$/.test(text);

/**
 * One expression of Python as a line of mathematics: the right side of `losses = ...`, without `F.`, `self.` and the mean over the batch.
 * What is taken away becomes blanks, so that columns stay those of the text. Nothing is executed.
 *
 * @throws ExpressionError where it is more than one statement
 */
export function readPython(text: string): string {
  if (typeof text !== 'string' || !isPython(text)) return text;
  let line = text.replace(/#[^\n]*/g, blank).replace(/\\\n/g, '  ');
  line = line.replace(/^\s*(?:return\b|[A-Za-z_]\w*(?:\s*:\s*[\w.]+)?\s*=(?!=))/, blank);
  const second = /\n\s*(?:return\b|[A-Za-z_]\w*\s*=(?!=))/.exec(line);
  if (second && line.slice(0, second.index).trim() !== '')
    throw new ExpressionError(
      text,
      second.index + 1,
      second.index + second[0].length,
      'One expression is read, and here a second statement begins. Paste the line that computes the losses, with what it uses written out.',
    );
  line = line.replace(/\n/g, ' ');
  line = line.replace(
    /\b(?:torch\.nn\.functional|nn\.functional|jax\.nn|torch|jnp|np|math|F|self\.args|self\.config|self|args|config|cfg)\./g,
    blank,
  );
  line = line.replace(/\.(?:mean|sum|to|float|contiguous)\((?:[^()]*)\)/g, blank);
  line = line.replace(/,\s*dim\s*=\s*-?\d+|,\s*inplace\s*=\s*\w+/g, blank);
  // torch.clamp(x, min=0) is relu(x) of the numbers' own bound
  line = line
    .replace(/\bclamp\(([^(),]*),\s*min\s*=\s*([^(),]*)\)/g, 'max($1, $2)')
    .replace(/\bclamp\(([^(),]*),\s*max\s*=\s*([^(),]*)\)/g, 'min($1, $2)');
  line = line
    .replace(/\b(?:maximum)\(/g, 'max(')
    .replace(/\b(?:minimum)\(/g, 'min(')
    .replace(/\bclamp\(/g, 'clip(');
  for (let found = METHODS.exec(line); found; found = METHODS.exec(line)) {
    const start = operandStart(line, found.index);
    const operand = line.slice(start, found.index);
    const inner = operand.startsWith('(') ? operand : `(${operand})`;
    line = `${line.slice(0, start)}${found[1]}${inner}${line.slice(found.index + found[0].length)}`;
  }
  line = line.replace(/\.pow\(([^()]*)\)/g, '**($1)');
  return line.trimEnd();
}

/** Reads a loss that was typed as mathematics or pasted from Python. Throws an ExpressionError with the columns and the fix. */
export const readAnyLoss = (text: string): TypedLoss => readLoss(readPython(text));
