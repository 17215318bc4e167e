import { ExpressionError } from '../../core/errors.ts';
import { readLoss, type TypedLoss } from './typed.ts';

/** Methods of a tensor that are functions of a line. */
const METHODS = /\.(detach|exp|log|log1p|expm1|abs|sigmoid|tanh|relu|square|sqrt|neg|sign)\(\s*\)/;

const blank = (text: string): string => ' '.repeat(text.length);
/** A shorter text in the place of another: what stands behind it keeps its column. */
const inPlace = (text: string, by: string): string => by.padStart(text.length);

/** PyTorch's modules that are functions of a line. */
const MODULES: Readonly<Record<string, string>> = {
  LogSigmoid: 'logsigmoid',
  Softplus: 'softplus',
  Sigmoid: 'sigmoid',
  ReLU: 'relu',
  Tanh: 'tanh',
};

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
  /^\s*(?:return\b|\w+\s*=(?!=)|def\s|>>>|```)|;\s*$|\b(?:F|torch|nn|np|jnp|jax|self|args|config)\.|\.\w+\(|#|\n|\\$/.test(text);

/**
 * One expression of Python as a line of mathematics: the right side of `losses = ...`, without `F.`, `self.` and the mean over the batch.
 * What is taken away becomes blanks, so that columns stay those of the text. Nothing is executed.
 *
 * @throws ExpressionError where it is more than one statement
 */
export function readPython(text: string): string {
  if (typeof text !== 'string' || !isPython(text)) return text;
  let line = text
    .replace(/#[^\n]*/g, blank)
    .replace(/\\\n/g, '  ')
    .replace(/^\s*```\w*\n|\n\s*```\s*$|^\s*(?:>>>|In \[\d+\]:)/g, blank)
    .replace(/;\s*$/, blank)
    .replace(/^\s*def\s+\w+\([^)]*\)(?:\s*->\s*[\w.[\], ]+)?\s*:\s*(?:"""[\s\S]*?""")?/, blank);
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
  // a setting, however deep it stands: self.config.loss.beta
  line = line.replace(/\b(?:self|args|config|cfg|\w+_args|\w+_config)\.(?:\w+\.)*(?=[A-Za-z_]\w*(?![\w(]))/g, blank);
  line = line.replace(/\b(?:torch\.nn|nn|torch)\.(\w+)\(\)(?=\s*\()/g, (whole, name: string) =>
    Object.hasOwn(MODULES, name) ? inPlace(whole, MODULES[name] as string) : whole,
  );
  line = line.replace(
    /\b(?:torch\.nn\.functional|nn\.functional|jax\.nn|torch|jnp|np|math|F|self\.args|self\.config|self|args|config|cfg)\./g,
    blank,
  );
  line = line.replace(/\.(?:mean|sum|to|float|contiguous)\((?:[^()]*)\)/g, blank);
  line = line.replace(/,\s*dim\s*=\s*-?\d+|,\s*inplace\s*=\s*\w+/g, blank);
  line = line.replace(/\b(zeros|ones)_like\([^()]*\)/g, (whole, what: string) => inPlace(whole, what === 'ones' ? '1' : '0'));
  const BOUND = /\.clamp(?:_(min|max))?\(\s*(?:(min|max)\s*=\s*)?([^(),=]+)\)/;
  for (let found = BOUND.exec(line); found; found = BOUND.exec(line)) {
    const start = operandStart(line, found.index);
    const [whole, method, key = 'min', bound] = found;
    line = `${line.slice(0, start)}${(method ?? key) === 'min' ? 'max' : 'min'}(${line.slice(start, found.index)}, ${bound})${line.slice(found.index + whole.length)}`;
  }
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
