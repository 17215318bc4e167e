import { assertInteger, assertMatrix, assertObject } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { FactorisedSequencePolicy, SequenceOffset } from '../core/experiment.ts';
import { list, numbers, tuple } from '../core/python-literals.ts';
import type { PolicyKind } from './policy.ts';
import { tableForm } from './table-form.ts';
import { flatten } from './tensors.ts';
import { tokenLists } from './token-lists.ts';

/** Sums of the offsets that apply at each context; each distinct sum is one row. */
class OffsetTable {
  readonly rows: number[][];
  readonly #offsets: readonly SequenceOffset[];
  readonly #rowOf = new Map<string, number>();

  constructor(offsets: readonly SequenceOffset[], columns: number) {
    this.#offsets = offsets;
    this.rows = [new Array<number>(columns).fill(0)];
    this.#rowOf.set('', 0);
  }

  /** Row of the offsets after `prefix`; makes it if it is new. */
  rowAfter(prompt: number, prefix: readonly number[]): number {
    const applying = [...this.#offsets.entries()].filter(
      ([, { prefix: start, prompt: onlyPrompt, position }]) =>
        start.length <= prefix.length &&
        start.every((token, t) => prefix[t] === token) &&
        (onlyPrompt ?? prompt) === prompt &&
        (position ?? prefix.length) === prefix.length,
    );
    const key = applying.map(([index]) => index).join();
    const known = this.#rowOf.get(key);
    if (known !== undefined) return known;
    const sum = (this.rows[0] ?? []).map((_, v) => applying.reduce((total, [, { logits }]) => total + (logits[v] ?? 0), 0));
    this.#rowOf.set(key, this.rows.length);
    return this.rows.push(sum) - 1;
  }
}

/** A row of logits for each position of an answer, and frozen offsets of what stands before. */
export const factorised: PolicyKind<FactorisedSequencePolicy> = {
  validate: ({ logits, prompts = 1, offsets = [] }) => {
    const [positions, columns] = assertMatrix('policy.logits', logits, true);
    assertInteger('policy.prompts', prompts, 1, 2 ** 24);
    for (const [index, offset] of offsets.entries()) {
      const path = `policy.offsets[${index}]`;
      assertObject(path, offset);
      if (!Array.isArray(offset.prefix)) throw new ExperimentError(`${path}.prefix`, 'must be a list of tokens; [] means every prefix.');
      for (const [t, token] of offset.prefix.entries()) assertInteger(`${path}.prefix[${t}]`, token, 0, columns);
      const [, width] = assertMatrix(`${path}.logits`, [offset.logits]);
      if (width !== columns)
        throw new ExperimentError(`${path}.logits`, `has ${width} entries where a position has ${columns} tokens; make them equal.`);
      if (offset.prompt !== undefined) assertInteger(`${path}.prompt`, offset.prompt, 0, prompts);
      if (offset.position !== undefined) assertInteger(`${path}.position`, offset.position, 0, positions);
    }
    return tokenLists(prompts, columns, (path, _prompt, tokens) => {
      if (tokens.length > positions)
        throw new ExperimentError(
          path,
          `has ${tokens.length} tokens, but the policy has ${positions} positions; shorten it or add rows to policy.logits.`,
        );
      for (const [t, token] of tokens.entries())
        if (logits[t]?.[token] === null)
          throw new ExperimentError(
            `${path}[${t}]`,
            `is token ${token}, which cannot stand there (policy.logits[${t}][${token}] is null).`,
          );
    });
  },
  define: ({ logits, prompts = 1, offsets }) => {
    const table = new OffsetTable(offsets ?? [], logits[0]?.length ?? 0);
    return {
      ...tableForm('logits', logits, ['factorised', prompts, offsets]),
      prompts,
      response: 'tokens',
      get offsets() {
        return offsets ? flatten(table.rows) : null;
      },
      positions: (prompt, response) =>
        response.map((token, t) => ({ context: t, token, offset: table.rowAfter(prompt, response.slice(0, t)) })),
    };
  },
  python: ({ logits: [first = []], offsets }) => ({
    words: 'answers of several tokens',
    logits: 'LOGITS',
    context: 't',
    ...(offsets ? { offset: offsetLines(offsets, first.length) } : {}),
  }),
};

const offsetLines = (offsets: readonly SequenceOffset[], columns: number): string[] => [
  '# Frozen logits that are added after a prefix: (prefix, its prompt, position), None where they apply to all.',
  `OFFSETS = ${list(
    offsets.map(({ prefix, prompt, position, logits }) => {
      const full = Array.from({ length: columns }, (_, v) => logits[v] ?? 0);
      return `((${tuple(prefix)}, ${prompt ?? 'None'}, ${position ?? 'None'}), ${numbers(full)})`;
    }),
  )}`,
  '',
  '',
  'def offset(prompt, response, t):',
  '    """The sum of the offsets that apply to token t of a response."""',
  `    total = torch.zeros(${columns})`,
  '    for (prefix, only_prompt, position), logits in OFFSETS:',
  '        if response[:t][: len(prefix)] == prefix and only_prompt in (None, prompt) and position in (None, t):',
  '            total += torch.tensor(logits)',
  '    return total',
];
