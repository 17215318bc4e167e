import type { Backend, ContextMembers, Storage } from '../../backend/backend.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';

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

/** What is scored: a response to a prompt, an outcome index or a list of tokens. */
export interface PromptedResponse {
  prompt: number;
  response: number | readonly number[];
}

export interface Batch {
  sides: readonly Side[];
  members: ContextMembers;
  /** the policy's frozen offsets [rows, V]; null where it has none */
  offsetTable: Storage | null;
  /** everything above; the caller frees it */
  uploaded: readonly Storage[];
}

interface HostSide {
  positions: number;
  contexts: Uint32Array;
  tokens: Uint32Array;
  mask: Uint32Array;
  offsets: Uint32Array;
}

function layOut(policy: PolicyDefinition, responses: readonly PromptedResponse[]): HostSide {
  const sequences = responses.map(({ prompt, response }) => policy.positions(prompt, typeof response === 'number' ? [response] : response));
  const positions = sequences.reduce((longest, sequence) => Math.max(longest, sequence.length), 0);
  const size = responses.length * positions;
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
 * Counted positions of all sides grouped by context, sequence after sequence. The sides of a pair are neighbours so that what cancels
 * between them, such as the gradient of a response that is neither, cancels before other pairs' terms are added: exactly.
 */
function groupByContext(contexts: number, sequences: number, sides: readonly HostSide[]): { offsets: Uint32Array; rows: Uint32Array } {
  const lists: number[][] = Array.from({ length: contexts }, () => []);
  for (let sequence = 0; sequence < sequences; sequence++) {
    let base = 0;
    for (const side of sides) {
      for (let row = sequence * side.positions; row < (sequence + 1) * side.positions; row++)
        if (side.mask[row]) lists[side.contexts[row] ?? 0]?.push(base + row);
      base += side.mask.length;
    }
  }
  const offsets = new Uint32Array(contexts + 1);
  for (const [context, list] of lists.entries()) offsets[context + 1] = (offsets[context] ?? 0) + list.length;
  return { offsets, rows: Uint32Array.from(lists.flat()) };
}

/** Lays one list of responses a side out as padded batches and uploads them; all lists are equally long. */
export function uploadBatch(backend: Backend, policy: PolicyDefinition, responses: readonly (readonly PromptedResponse[])[]): Batch {
  const sequences = responses[0]?.length ?? 0;
  const hosts = responses.map((side) => layOut(policy, side));
  const groups = groupByContext(policy.contexts, sequences, hosts);
  const uploaded: Storage[] = [];
  const upload = (data: Uint32Array | Float64Array) => {
    const storage = backend.upload(data);
    uploaded.push(storage);
    return storage;
  };
  const { offsets: offsetTable } = policy;
  const side = ({ positions, contexts, tokens, mask, offsets }: HostSide): Side => ({
    sequences,
    positions,
    contexts: upload(contexts),
    tokens: upload(tokens),
    mask: upload(mask),
    offsetRows: offsetTable ? upload(offsets) : null,
  });
  return {
    sides: hosts.map(side),
    members: { offsets: upload(groups.offsets), rows: upload(groups.rows) },
    offsetTable: offsetTable ? upload(offsetTable) : null,
    uploaded,
  };
}
