import { oneLine } from './one-line.ts';

/** What a script says of itself, and where it is from. */
export interface ScriptHead {
  readonly title: string;
  /** further lines of its docstring */
  readonly notes: readonly string[];
}

export interface PythonFile {
  /** how it is used, in the last lines of its docstring */
  readonly usage: readonly string[];
  /** imports of libraries besides PyTorch */
  readonly libraries?: readonly string[];
  /** default type of PyTorch's numbers; left alone where not given */
  readonly numbers?: 'float64';
  /** ends with the definition of `main` */
  readonly body: readonly string[];
}

/** Text that may stand in a docstring. */
export const docstring = (line: string): string => oneLine(line.replaceAll('\\', '/').replaceAll('"""', "'''"));

export const indent = (lines: readonly string[], by = 4): string[] => lines.map((line) => (line === '' ? '' : ' '.repeat(by) + line));

/** A script that runs `main`, after its docstring and the imports of what its body uses. */
export function pythonFile({ title, notes }: ScriptHead, { usage, libraries = [], numbers: type, body }: PythonFile): string {
  const code = body.join('\n');
  const uses = (pattern: string): boolean => new RegExp(`\\b${pattern}`).test(code);
  const constants = ['inf', 'nan'].filter((name) => uses(`${name}\\b`));
  return [
    `"""${docstring(title)}`,
    '',
    ...notes.map(docstring),
    ...(notes.length > 0 ? [''] : []),
    ...usage,
    '"""',
    '',
    ...['csv', 'math', 'sys'].filter((name) => uses(`${name}\\.`)).map((name) => `import ${name}`),
    ...(constants.length > 0 ? [`from math import ${constants.join(', ')}`] : []),
    '',
    ...(uses('torch\\.') ? ['import torch'] : []),
    ...(uses('F\\.') ? ['import torch.nn.functional as F'] : []),
    ...libraries,
    '',
    ...(type ? [`torch.set_default_dtype(torch.${type})`, ''] : ['']),
    code,
    '',
    '',
    'if __name__ == "__main__":',
    '    main()',
    '',
  ].join('\n');
}
