/** An object that goes on over several lines: whatever JSON.parse takes, or an object of Python's. */
function isOneObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return /^\s*\{.*'.*\}/s.test(text);
  }
}

/** Lines of a text of which nothing is said: not blank, not where a record begins, and not inside one over several lines. */
export function silentLines(text: string, records: readonly { readonly line: number }[]): number[] {
  const lines = text.split('\n');
  const named = new Set(records.map(({ line }) => line));
  const within = (at: number): boolean => {
    for (let start = at - 1; start >= 1 && at - start < 60; start--) {
      if (!named.has(start)) continue;
      const from = lines
        .slice(start - 1)
        .join('\n')
        .indexOf('{');
      const rest = lines
        .slice(start - 1)
        .join('\n')
        .slice(from);
      for (let end = at; end <= lines.length; end++) {
        const length = lines.slice(start - 1, end).join('\n').length - from;
        const part = rest.slice(0, length);
        for (
          let close = part.lastIndexOf('}');
          close > 0 && part.slice(close).trim().length < 200;
          close = part.lastIndexOf('}', close - 1)
        )
          if (isOneObject(part.slice(0, close + 1))) return true;
      }
    }
    return false;
  };
  return lines.flatMap((line, i) => (line.trim() === '' || named.has(i + 1) || within(i + 1) ? [] : [i + 1]));
}
