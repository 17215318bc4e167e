/** Longest row that one invocation keeps in registers. */
export const longestHeldRow = 64;

/** One line for each quad of a row; written out, because a loop would index registers, which no adapter can. */
function each(columns: number, line: (quad: number) => string): string {
  return Array.from({ length: Math.ceil(Math.min(columns, longestHeldRow) / 4) }, (_, quad) => `  ${line(quad)}`).join('\n');
}

/** WGSL that keeps a row of `columns` logits in registers, so that it is read from memory once. */
export function heldRow(columns: number): string {
  return `
// A row in registers, a quad a member.
struct HeldRow {
${each(columns, (q) => `q${q}: vec4f,`)}
}

fn held_load(base: u32) -> HeldRow {
  return HeldRow(
${each(columns, (q) => `load_quad(base, ${q}u),`)}
  );
}

fn held_stats(row: HeldRow) -> RowStats {
  var tops = vec4f(LOWEST);
${each(columns, (q) => `tops = larger4(tops, row.q${q});`)}
  var level = running_from(vec4f(max(max(tops.x, tops.y), max(tops.z, tops.w))));
${each(columns, (q) => `level = running_add_level(level, row.q${q});`)}
  return level_total(level);
}
`;
}

/** WGSL that writes the log-probs of a held row. */
export function heldNormalise(columns: number): string {
  return `
fn held_normalise(base: u32, row: HeldRow, finished: vec2f) {
${each(columns, (q) => `store_quad(base, ${q}u, log_prob4(row.q${q}, finished));`)}
}
`;
}
