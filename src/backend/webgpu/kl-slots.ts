/** A row of two log-probs an entry, which the lanes of a workgroup keep in registers between them; all of it where there is one lane. */
export interface HeldLogsShape {
  columns: number;
  lanes: number;
}

/** WGSL that keeps both log-probs of a row's entries, so that they are read from memory once. */
export function heldLogs({ columns, lanes }: HeldLogsShape): string {
  const places = Array.from({ length: Math.ceil(columns / lanes) }, (_, k) => ({ member: `e${k}`, column: `lane + ${k * lanes}u` }));
  const each = (line: (place: { member: string; column: string }) => string): string =>
    places.map((place) => `  ${line(place)}`).join('\n');
  // written out, because a loop would index registers, which no adapter can
  return `
// What a lane keeps of a row: (log p, log q) of an entry a member. Neighbouring lanes read neighbouring memory.
struct HeldLogs {
${each(({ member }) => `${member}: vec2f,`)}
}

// An entry that may lie beyond the row's end: it then cannot occur under either.
fn held_entry(first: u32, column: u32) -> vec2f {
  if (column >= params.columns) { return vec2f(negative_infinity()); }
  return vec2f(log_probs[first + column], target_log_probs[first + column]);
}

fn held_load(first: u32, lane: u32) -> HeldLogs {
  return HeldLogs(
${each(({ column }) => `held_entry(first, ${column}),`)}
  );
}

fn held_sums(row: HeldLogs) -> vec3f {
  var sums = vec3f();
${each(({ member }) => `sums = sums_with(sums, row.${member}.x, row.${member}.y);`)}
  return sums;
}

fn held_write(first: u32, lane: u32, row: HeldLogs, finished: vec2f) {
${each(
  ({ member, column }) =>
    `if (${column} < params.columns) { gradient[first + ${column}] = gradient_of(row.${member}.x, row.${member}.y, finished); }`,
)}
}
`;
}

/** WGSL that adds the sums of all lanes of a workgroup of WORKGROUP lanes: a tree in workgroup memory. */
const plainSums = `
var<workgroup> partial: array<vec3f, WORKGROUP>;

fn reduce_sums(lane: u32, own: vec3f) -> vec3f {
  partial[lane] = own;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = partial[lane] + partial[lane + half]; }
  }
  workgroupBarrier();
  return partial[0];
}
`;

/** The same within each subgroup first; nothing is assumed of which lanes make up a subgroup. */
const subgroupSums = `
enable subgroups;

var<workgroup> partial: array<vec3f, WORKGROUP>;

fn reduce_sums(lane: u32, own: vec3f) -> vec3f {
  let place = subgroupExclusiveAdd(1u);
  let lanes = subgroupAdd(1u);
  let sums = subgroupAdd(own);
  let speaks = lane == subgroupMin(lane); // one lane of each subgroup hands its result on
  partial[lane] = select(vec3f(), sums, speaks);
  workgroupBarrier();
  var others = vec3f();
  for (var i = place; i < WORKGROUP; i += lanes) { others += partial[i]; }
  return subgroupAdd(others);
}
`;

export const reduceSums = (subgroups: boolean): string => (subgroups ? subgroupSums : plainSums);

export const directions = ['forward', 'reverse', 'jensen'] as const;

/** WGSL that says which divergence is meant: one pipeline for each, so that none carries the others' arithmetic. */
export const directionText = (direction: (typeof directions)[number]): string =>
  `${directions.map((name, index) => `const ${name.toUpperCase()} = ${index}u;`).join('\n')}\nconst DIRECTION = ${direction.toUpperCase()};\n`;
