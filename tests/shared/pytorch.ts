import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const candidates = [process.env['PREFSCOPE_PYTHON'], 'python3', '/usr/bin/python3', 'python'];

/** A Python that can import torch, or why there is none: exported code is run where there is one, and only there. */
export function findPyTorch(): { python: string } | { missing: string } {
  for (const python of candidates) {
    if (!python) continue;
    const { status } = spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore', timeout: 60_000 });
    if (status === 0) return { python };
  }
  return { missing: 'no Python with PyTorch here (Debian: apt-get install python3-torch; or name one in PREFSCOPE_PYTHON)' };
}

/** Runs each script by itself, as `__main__`, in one process: importing torch takes seconds. Returns what each wrote. */
export function runScripts(python: string, scripts: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'prefscope-'));
  try {
    scripts.forEach((script, index) => {
      writeFileSync(join(folder, `script_${index}.py`), script);
    });
    const driver = [
      'import contextlib, io, json, runpy, sys',
      'written = []',
      `for index in range(${scripts.length}):`,
      '    out = io.StringIO()',
      '    with contextlib.redirect_stdout(out):',
      '        runpy.run_path(f"{sys.argv[1]}/script_{index}.py", run_name="__main__")',
      '    written.append(out.getvalue())',
      'print(json.dumps(written))',
    ].join('\n');
    const { status, stdout, stderr } = spawnSync(python, ['-c', driver, folder], { encoding: 'utf8', maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as string[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Rows of numbers by column. */
export function readCsv(text: string): { columns: string[]; rows: number[][] } {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  return {
    columns: head.split(','),
    rows: lines.map((line) => line.split(',').map((cell) => (cell === 'nan' ? Number.NaN : Number(cell.replace('inf', 'Infinity'))))),
  };
}
