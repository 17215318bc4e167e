import type { AdapterDescription, RowStrategy } from '../backend.ts';
import { lanesThatHold, longestHeldRow } from './held-rows.ts';

/** How the rows of a matrix are cut into parts: runs of neighbouring quads, or, where `run` is 0, every `parts`-th quad. */
export interface RowParts {
  parts: number;
  /** quads (four neighbouring elements) in a part */
  run: number;
}

export interface RowPlan extends RowParts {
  strategy: RowStrategy;
  /** invocations that share a row, or a part of one, where a workgroup does */
  lanes: number;
  /** merge lanes with subgroup operations */
  subgroups: boolean;
}

export interface AdapterTraits extends Pick<AdapterDescription, 'isFallback' | 'subgroups'> {
  /** most invocations in a workgroup: 256 wherever WebGPU is whole, 128 in a browser's compatibility mode */
  laneLimit: number;
}

/** Software: invocations that keep every core busy to the end, and the shortest run worth one. */
const softwareInvocations = 1024;
const softwareRun = 16;
/** Software: with this many rows, one invocation each fills the cores. */
const softwareRows = 512;

/** Hardware: rows that one invocation reads alone, always or where there are many of them. */
const shortRow = 32;
const shortRowOfMany = 128;
const manyRows = 16384;
/** Lanes that share a row which they do not keep. */
const sharingLanes = 128;
/** Hardware: workgroups that fill the adapter, and the fewest quads that a workgroup should read. */
const hardwareWorkgroups = 512;
const workgroupQuads = 1024;
/** Hardware: quads that one invocation of an elementwise pass handles. */
const elementwiseQuads = 4;

const quadsOf = (columns: number): number => Math.ceil(columns / 4);

/** Runs of equal length, a multiple of four quads, at most `wanted` of them. */
function runs(columns: number, wanted: number): RowParts {
  const run = 4 * Math.ceil(quadsOf(columns) / (4 * Math.max(1, wanted)));
  return { parts: Math.ceil(quadsOf(columns) / run), run };
}

/** As many parts as a software adapter needs: long runs, because each invocation costs, and no barrier. */
function softwareParts(rows: number, columns: number): RowParts {
  if (rows >= softwareRows) return runs(columns, 1);
  return runs(columns, Math.min(Math.ceil(softwareInvocations / rows), Math.ceil(quadsOf(columns) / softwareRun)));
}

function chooseStrategy(rows: number, columns: number, adapter: AdapterTraits): RowStrategy {
  if (columns <= longestHeldRow && (adapter.isFallback || columns <= shortRow || rows >= manyRows)) return 'held';
  if (adapter.isFallback) return softwareParts(rows, columns).parts > 1 ? 'split' : 'packed';
  if (columns <= shortRowOfMany && rows >= manyRows) return 'packed';
  if (rows < hardwareWorkgroups / 2 && quadsOf(columns) >= 2 * workgroupQuads) return 'split_workgroups';
  return lanesThatHold(columns, adapter.laneLimit) ? 'held_workgroup' : 'workgroup';
}

/**
 * The strategy table: how to read rows whose stats are wanted. On a software adapter a workgroup barrier costs hundreds of times what
 * it does on hardware, so only barrier-free strategies are chosen there, and runs are read front to back; on hardware, neighbouring
 * lanes read neighbouring memory, and a workgroup keeps its row in registers where it can. `wish` overrides the choice.
 */
export function planRows(
  rows: number,
  columns: number,
  adapter: AdapterTraits,
  wish: { strategy?: RowStrategy; subgroups?: boolean } = {},
): RowPlan {
  const strategy = wish.strategy ?? chooseStrategy(rows, columns, adapter);
  const plan = { strategy, lanes: sharingLanes, subgroups: adapter.subgroups && (wish.subgroups ?? !adapter.isFallback) };
  switch (strategy) {
    case 'held':
      if (columns > longestHeldRow) throw new Error(`A row of ${columns} columns is too long to be held; at most ${longestHeldRow} are.`);
      return { ...plan, ...runs(columns, 1) };
    case 'held_workgroup': {
      const lanes = lanesThatHold(columns, adapter.laneLimit);
      if (!lanes) throw new Error(`A row of ${columns} columns is too long for a workgroup of ${adapter.laneLimit} to hold.`);
      return { ...plan, lanes, ...runs(columns, 1) };
    }
    case 'packed':
    case 'workgroup':
      return { ...plan, ...runs(columns, 1) };
    case 'split': {
      const { parts, run } = runs(columns, Math.max(2, softwareParts(rows, columns).parts));
      return { ...plan, parts, run: adapter.isFallback ? run : 0 };
    }
    case 'split_workgroups': {
      const wanted = Math.min(Math.ceil(hardwareWorkgroups / rows), Math.ceil(quadsOf(columns) / workgroupQuads));
      return { ...plan, ...runs(columns, Math.max(2, wanted)) };
    }
    default:
      return strategy satisfies never;
  }
}

/** How to cut rows for a pass that handles each element on its own. */
export function planElementwise(rows: number, columns: number, adapter: Pick<AdapterTraits, 'isFallback'>): RowParts {
  return adapter.isFallback ? softwareParts(rows, columns) : { parts: Math.ceil(quadsOf(columns) / elementwiseQuads), run: 0 };
}
