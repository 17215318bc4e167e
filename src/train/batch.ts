import type { Backend, ContextMembers, Storage } from '../backend/backend.ts';
import type { Pair } from '../core/experiment.ts';
import type { PolicyDefinition } from '../policies/policy.ts';

/** One side of the pairs on the backend, padded to the longest response. */
export interface Side {
  sequences: number;
  positions: number;
  contexts: Storage;
  tokens: Storage;
  mask: Storage;
  /** rows of the policy's offsets; null where it has none */
  offsetRows: Storage | null;
}

export interface Batch {
  chosen: Side;
  rejected: Side;
  members: ContextMembers;
  /** the policy's frozen offsets [rows, V]; null where it has none */
  offsetTable: Storage | null;
  dispose(): void;
}

interface HostSide {
  positions: number;
  contexts: Uint32Array;
  tokens: Uint32Array;
  mask: Uint32Array;
  offsets: Uint32Array;
}

function layOut(policy: PolicyDefinition, pairs: readonly Pair[], side: 'chosen' | 'rejected'): HostSide {
  const sequences = pairs.map((pair) => {
    const response = pair[side];
    return policy.positions(pair.prompt, typeof response === 'number' ? [response] : response);
  });
  const positions = sequences.reduce((longest, sequence) => Math.max(longest, sequence.length), 0);
  const size = pairs.length * positions;
  const block = () => new Uint32Array(size);
  const host = { positions, contexts: block(), tokens: block(), mask: block(), offsets: block() };
  for (const [index, sequence] of sequences.entries()) {
    for (const [t, { context, token, offset }] of sequence.entries()) {
      const row = index * positions + t;
      host.contexts[row] = context;
      host.tokens[row] = token;
      host.mask[row] = 1;
      host.offsets[row] = offset;
    }
  }
  return host;
}

/**
 * Counted positions of both sides grouped by context, pair after pair. The two sides of a pair are neighbours so that what cancels
 * between them, such as the gradient of a response that is neither, cancels before other pairs' terms are added: exactly.
 */
function groupByContext(
  contexts: number,
  pairs: number,
  chosen: HostSide,
  rejected: HostSide,
): { offsets: Uint32Array; rows: Uint32Array; contexts: Uint32Array } {
  const lists: number[][] = Array.from({ length: contexts }, () => []);
  for (let pair = 0; pair < pairs; pair++)
    for (const [base, side] of [[0, chosen] as const, [chosen.mask.length, rejected] as const])
      for (let row = pair * side.positions; row < (pair + 1) * side.positions; row++)
        if (side.mask[row]) lists[side.contexts[row] ?? 0]?.push(base + row);
  const offsets = new Uint32Array(contexts + 1);
  for (const [context, list] of lists.entries()) offsets[context + 1] = (offsets[context] ?? 0) + list.length;
  return {
    offsets,
    rows: Uint32Array.from(lists.flat()),
    contexts: Uint32Array.from(lists.flatMap((list, context) => list.map(() => context))),
  };
}

/** Lays the pairs out as two padded batches and uploads them. */
export function uploadBatch(backend: Backend, policy: PolicyDefinition, pairs: readonly Pair[]): Batch {
  const host = { chosen: layOut(policy, pairs, 'chosen'), rejected: layOut(policy, pairs, 'rejected') };
  const groups = groupByContext(policy.contexts, pairs.length, host.chosen, host.rejected);
  const uploaded: Storage[] = [];
  const upload = (data: Uint32Array | Float64Array) => {
    const storage = backend.upload(data);
    uploaded.push(storage);
    return storage;
  };
  const { offsets: offsetTable } = policy;
  const side = ({ positions, contexts, tokens, mask, offsets }: HostSide): Side => ({
    sequences: pairs.length,
    positions,
    contexts: upload(contexts),
    tokens: upload(tokens),
    mask: upload(mask),
    offsetRows: offsetTable ? upload(offsets) : null,
  });
  return {
    chosen: side(host.chosen),
    rejected: side(host.rejected),
    members: { offsets: upload(groups.offsets), rows: upload(groups.rows), contexts: upload(groups.contexts), count: groups.rows.length },
    offsetTable: offsetTable ? upload(offsetTable) : null,
    dispose: () => {
      for (const storage of uploaded) storage.dispose();
    },
  };
}
