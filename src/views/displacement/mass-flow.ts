/**
 * From whom to whom probability moves in a run, as a function of the playhead alone. What an update takes from the losers it gives to the
 * gainers; who gives to whom is not determined by that, and a convention here: the largest loser gives to whoever is owed most.
 */

/** Probability that one update moves from one answer to another. */
export interface Transfer {
  readonly from: number;
  readonly to: number;
  /** above 0 */
  readonly mass: number;
}

/** Updates that a point which leaves is drawn for. */
export const travel = 8;
/** Probability of one bead. */
export const bead = 0.005;
/** Mass that nobody sees, and rounding makes. */
const least = 1e-9;

/** The transfers of one update between two distributions: what each answer gives or is given adds up to its change. */
export function transfersOf(before: readonly number[], after: readonly number[]): Transfer[] {
  const change = after.map((value, index) => value - (before[index] ?? 0));
  const left = change.map((value) => (Number.isFinite(value) ? value : 0));
  const transfers: Transfer[] = [];
  for (let turn = 0; turn < 2 * left.length; turn++) {
    const from = left.indexOf(Math.min(...left));
    const to = left.indexOf(Math.max(...left));
    const mass = Math.min(-(left[from] ?? 0), left[to] ?? 0);
    if (!(mass > least)) break;
    transfers.push({ from, to, mass });
    left[from] = (left[from] ?? 0) + mass;
    left[to] = (left[to] ?? 0) - mass;
  }
  return transfers;
}

/** All that goes from one answer to another in a run. */
export interface Flow {
  readonly from: number;
  readonly to: number;
  /** [updates + 1] what has left by then, never falling */
  readonly left: readonly number[];
}

/** The flows of a run, [updates + 1][answers] probabilities. */
export function flowsOf(probs: readonly (readonly number[])[]): Flow[] {
  const flows = new Map<string, { from: number; to: number; left: number[] }>();
  for (let step = 1; step < probs.length; step++)
    for (const { from, to, mass } of transfersOf(probs[step - 1] ?? [], probs[step] ?? [])) {
      const key = `${from} ${to}`;
      const flow = flows.get(key) ?? { from, to, left: [] };
      flows.set(key, flow);
      const before = flow.left.at(-1) ?? 0;
      while (flow.left.length < step) flow.left.push(before);
      flow.left.push(before + mass);
    }
  for (const { left } of flows.values()) while (left.length < probs.length) left.push(left.at(-1) ?? 0);
  return [...flows.values()];
}

/** What has left by a playhead, which may stand between two updates. */
function leftBy({ left }: Flow, head: number): number {
  const place = Math.max(0, Math.min(head, left.length - 1));
  const [before, after] = [left[Math.floor(place)] ?? 0, left[Math.ceil(place)] ?? 0];
  return before + (after - before) * (place - Math.floor(place));
}

/** When a flow had given so much away. */
function whenLeft({ left }: Flow, mass: number): number {
  const after = left.findIndex((value) => value >= mass);
  if (after <= 0) return after;
  const [low, high] = [left[after - 1] ?? 0, left[after] ?? 0];
  return after - 1 + (mass - low) / (high - low);
}

/** What is on its way from one answer to another. */
export interface UnderWay extends Pick<Flow, 'from' | 'to'> {
  readonly mass: number;
  /** how far each bead has come, 0 to 1 */
  readonly beads: readonly number[];
}

/** Everything on its way at a playhead; the smallest mass drawn is `thinnest`. */
export function underWay(flows: readonly Flow[], head: number, thinnest = 5e-4): UnderWay[] {
  return flows.flatMap((flow) => {
    const [arrived, gone] = [leftBy(flow, head - travel), leftBy(flow, head)];
    if (gone - arrived < thinnest) return [];
    const first = Math.ceil(arrived / bead - 0.5);
    const beads: number[] = [];
    for (let number = Math.max(0, first); (number + 0.5) * bead <= gone; number++) {
      const way = (head - whenLeft(flow, (number + 0.5) * bead)) / travel;
      if (way >= 0 && way <= 1) beads.push(way);
    }
    return [{ from: flow.from, to: flow.to, mass: gone - arrived, beads }];
  });
}
