/** Where a line of composed WGSL came from. */
export interface SourceLine {
  file: string;
  /** 1-based */
  line: number;
}

export interface ComposedShader {
  code: string;
  /** one entry for each line of `code` */
  lines: readonly SourceLine[];
}

const enable = /^enable\s/;
const directive = /^\/\/#(include|slot)\s+(\S+)\s*$/;

/**
 * Resolves `//#include shared/x` (each file once, in order of first mention) and `//#slot name` in the shader `stem`.
 * `sources` maps a path below shaders/ without extension to its text; `slots` maps a slot's name to generated WGSL.
 */
export function compose(stem: string, sources: ReadonlyMap<string, string>, slots: Readonly<Record<string, string>> = {}): ComposedShader {
  const code: string[] = [];
  const lines: SourceLine[] = [];
  const included = new Set<string>();

  const append = (text: string, file: string) => {
    for (const [index, line] of text.split('\n').entries()) {
      const [, kind, name] = directive.exec(line) ?? [];
      if (name === undefined) {
        code.push(line);
        lines.push({ file, line: index + 1 });
      } else if (kind === 'include') {
        include(name, `${file}:${index + 1}`);
      } else {
        const slot = slots[name];
        if (slot === undefined) throw new Error(`${file}:${index + 1}: no text was given for slot '${name}'.`);
        append(slot, `<${name}>`);
      }
    }
  };
  const include = (name: string, from: string) => {
    if (included.has(name)) return;
    included.add(name);
    const text = sources.get(name);
    if (text === undefined) throw new Error(`${from}: there is no shaders/${name}.wgsl.`);
    append(text, `shaders/${name}.wgsl`);
  };

  include(stem, 'compose');
  // WGSL wants its `enable` lines before everything else.
  const text = code.map((line, index) => ({ line, origin: lines[index] as SourceLine }));
  const [enables, rest] = [text.filter(({ line }) => enable.test(line)), text.filter(({ line }) => !enable.test(line))];
  const ordered = [...enables, ...rest];
  return { code: ordered.map(({ line }) => line).join('\n'), lines: ordered.map(({ origin }) => origin) };
}

/** Names of the slots that a shader leaves open, its includes counted in. */
export function slotsOf(stem: string, sources: ReadonlyMap<string, string>): string[] {
  const slots = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const line of sources.get(name)?.split('\n') ?? []) {
      const [, kind, target] = directive.exec(line) ?? [];
      if (target !== undefined && kind === 'slot') slots.add(target);
      if (target !== undefined && kind === 'include') visit(target);
    }
  };
  visit(stem);
  return [...slots];
}
