/** Longest row that one invocation keeps in registers. */
export const longestHeldRow = 64;

/** Workgroups that keep a row in registers: how many lanes share it, and how many quads each then keeps at most. */
const holders = [
  { lanes: 128, quads: 8 },
  // 64 registers a lane: two such workgroups still fit a core of the common GPUs side by side.
  { lanes: 256, quads: 16 },
] as const;

/** Lanes of the smallest workgroup that keeps a row of `columns` logits, or null where none of at most `laneLimit` does. */
export function lanesThatHold(columns: number, laneLimit: number): number | null {
  return holders.find(({ lanes, quads }) => lanes <= laneLimit && columns <= 4 * lanes * quads)?.lanes ?? null;
}

/** WGSL that says how many lanes share a row. */
export const lanesText = (lanes: number): string => `const WORKGROUP = ${lanes}u;\n`;

/** A row's part that one invocation keeps: all of a row of `columns` logits, or its share where `lanes` invocations split one. */
export interface HeldShape {
  columns: number;
  /** 1: the row is one invocation's own */
  lanes: number;
}

/** One line for each quad that an invocation keeps; written out, because a loop would index registers, which no adapter can. */
function each({ columns, lanes }: HeldShape, line: (quad: string, name: string, isLast: boolean) => string): string {
  const quads = Math.ceil(columns / 4 / lanes);
  return Array.from({ length: quads }, (_, q) => {
    // Neighbouring lanes read neighbouring memory.
    const quad = lanes === 1 ? `${q}u` : `lane + ${q * lanes}u`;
    return `  ${line(quad, `q${q}`, q === quads - 1)}`;
  }).join('\n');
}

/** WGSL that keeps logits in registers, so that they are read from memory once. */
export function heldRow(shape: HeldShape): string {
  const isShared = shape.lanes > 1;
  return `
// What an invocation keeps of a row, a quad a member.
struct HeldRow {
${each(shape, (_, name) => `${name}: vec4f,`)}
}

// A quad that may lie beyond the row's end: it then counts as -Infinity.
fn held_last(base: u32, quad: u32) -> vec4f {
  return select(vec4f(negative_infinity()), load_quad(base, quad), quad < quads_of_row());
}

fn held_load(base: u32, lane: u32) -> HeldRow {
  return HeldRow(
${each(shape, (quad, _, isLast) => `${isShared && isLast ? 'held_last' : 'load_quad'}(base, ${quad}),`)}
  );
}

fn held_stats(row: HeldRow) -> RowStats {
  var tops = vec4f(LOWEST);
${each(shape, (_, name) => `tops = larger4(tops, row.${name});`)}
  var level = running_from(vec4f(max(max(tops.x, tops.y), max(tops.z, tops.w))));
${each(shape, (_, name) => `level = running_add_level(level, row.${name});`)}
  return level_total(level);
}
`;
}

/** WGSL of a function `name` that writes what `of` makes of each quad that is held and of what is known of the row, a `known`. */
function heldWrite(shape: HeldShape, name: string, of: string, known: string): string {
  const store = (quad: string, member: string) => `store_quad(base, ${quad}, ${of}(row.${member}, finished));`;
  return `
fn ${name}(base: u32, lane: u32, row: HeldRow, finished: ${known}) {
${each(shape, (quad, member, isLast) =>
  shape.lanes > 1 && isLast ? `if (${quad} < quads_of_row()) { ${store(quad, member)} }` : store(quad, member),
)}
}
`;
}

/** WGSL that writes the log-probs of what is held. */
export const heldNormalise = (shape: HeldShape): string => heldWrite(shape, 'held_normalise', 'log_prob4', 'vec2f');

/** WGSL that writes the gradient by what is held, the token's own term left out. */
export const heldGradient = (shape: HeldShape): string => heldWrite(shape, 'held_gradient', 'away_from_token', 'Slope');
