/**
 * A structural lint for workgroup memory: what one lane wrote may be read by another only after a barrier, and what another lane may
 * still read may be overwritten only after a barrier. On a software adapter a missing barrier often changes no result, so that no
 * test of results would notice. Statements are walked in order, branches as if taken, loop bodies twice.
 */
export function findRaces(code: string): string[] {
  const text = code.replace(/\/\/[^\n]*/g, '');
  const shared = [...text.matchAll(/var<workgroup>\s+(\w+)/g)].map(([, name = '']) => name);
  const races = new Set<string>();
  const users = new Set<string>();
  for (const { name, body } of functionsOf(text)) {
    if (!shared.some((variable) => new RegExp(`\\b${variable}\\b`).test(body))) continue;
    users.add(name);
    walk(name, body, shared, races);
  }
  // Memory that a function leaves behind is read by its end: a second call would overwrite it.
  for (const { name, body } of functionsOf(text))
    for (const user of users) {
      const calls = body.match(new RegExp(`\\b${user}\\(`, 'g'))?.length ?? 0;
      if (name !== user && calls > 1) races.add(`${name} calls ${user} more than once: no barrier parts the calls`);
    }
  return [...races];
}

function functionsOf(text: string): { name: string; body: string }[] {
  return [...text.matchAll(/\bfn\s+(\w+)\s*\(/g)].map((match) => {
    const open = text.indexOf('{', match.index);
    return { name: match[1] ?? '', body: text.slice(open + 1, closing(text, open)) };
  });
}

/** Where the bracket opened at `at` closes. */
function closing(text: string, at: number): number {
  const [open, close] = text[at] === '(' ? ['(', ')'] : text[at] === '[' ? ['[', ']'] : ['{', '}'];
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === open) depth++;
    if (text[i] === close && --depth === 0) return i;
  }
  throw new Error(`Unbalanced '${open}'.`);
}

interface Access {
  variable: string;
  index: string;
}

interface State {
  written: Access[];
  /** indices read that another lane owns */
  readForeign: Access[];
}

function walk(name: string, body: string, shared: readonly string[], races: Set<string>): void {
  const state: State = { written: [], readForeign: [] };
  const visit = (text: string, guards: readonly string[], conditional: boolean) => {
    let at = 0;
    while (at < text.length) {
      const rest = text.slice(at);
      const control = /^\s*(?:else\s+)?(if|for|while)\s*\(/.exec(rest);
      if (control) {
        const open = at + control[0].length - 1;
        const close = closing(text, open);
        const head = text.slice(open + 1, close).trim();
        const brace = text.indexOf('{', close);
        const end = closing(text, brace);
        const inner = text.slice(brace + 1, end);
        statement(head, guards);
        if (control[1] === 'if') visit(inner, [...guards, head], true);
        else for (let pass = 0; pass < 2; pass++) visit(inner, guards, conditional);
        at = end + 1;
        continue;
      }
      const brace = /^\s*(?:else|loop)?\s*\{/.exec(rest);
      if (brace) {
        const open = at + brace[0].length - 1;
        const end = closing(text, open);
        visit(text.slice(open + 1, end), guards, conditional || rest.trimStart().startsWith('else'));
        at = end + 1;
        continue;
      }
      const end = text.indexOf(';', at);
      if (end < 0) break;
      const line = text.slice(at, end).trim();
      if (/\bworkgroupBarrier\(\)/.test(line)) {
        if (conditional) races.add(`${name}: a barrier that not every lane may reach`);
        state.written = [];
        state.readForeign = [];
      } else statement(line, guards);
      at = end + 1;
    }
  };
  const statement = (line: string, guards: readonly string[]) => {
    const assignment = /^(\w+)\s*\[/.exec(line);
    const target = assignment?.[1] && shared.includes(assignment[1]) ? assignment[1] : null;
    let readFrom = 0;
    let write: Access | null = null;
    if (target) {
      const open = line.indexOf('[');
      const close = closing(line, open);
      if (/^(\s*\.\w+)?\s*[-+*/|&^]?=[^=]/.test(line.slice(close + 1))) {
        write = { variable: target, index: line.slice(open + 1, close).replace(/\s+/g, '') };
        readFrom = close + 1;
      }
    }
    for (const variable of shared)
      for (const match of line.slice(readFrom).matchAll(new RegExp(`\\b${variable}\\s*\\[`, 'g'))) {
        const open = readFrom + match.index + match[0].length - 1;
        const index = line.slice(open + 1, closing(line, open)).replace(/\s+/g, '');
        const stale = state.written.find((written) => written.variable === variable && written.index !== index);
        if (stale) races.add(`${name}: ${variable}[${index}] is read, ${variable}[${stale.index}] was written, no barrier between`);
        if (index !== 'lane' && !isUpperHalf(index, guards)) state.readForeign.push({ variable, index });
      }
    if (!write) return;
    const { variable, index } = write;
    const read = state.readForeign.find((access) => access.variable === variable);
    if (read) races.add(`${name}: ${variable}[${index}] is written, ${variable}[${read.index}] was read, no barrier between`);
    state.written.push(write);
  };
  visit(body, [], false);
}

/** In a tree, `if (lane < half)` lets the lower half alone write, so the upper half may be read meanwhile. */
function isUpperHalf(index: string, guards: readonly string[]): boolean {
  return guards.some((guard) => {
    const half = /^lane\s*<\s*(\w+)$/.exec(guard)?.[1];
    return half !== undefined && index === `lane+${half}`;
  });
}
