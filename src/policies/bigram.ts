import { assertInteger, assertMatrix } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { BigramPolicy } from '../core/experiment.ts';
import type { PolicyKind } from './policy.ts';
import { tableForm } from './table-form.ts';
import { tokenLists } from './token-lists.ts';

export const bigramKind: PolicyKind<BigramPolicy> = {
  validate: ({ prompts, vocab, table }) => {
    assertInteger('policy.prompts', prompts, 1, 2 ** 24);
    assertInteger('policy.vocab', vocab, 1, 2 ** 24);
    const [rows, columns] = assertMatrix('policy.table', table);
    if (rows !== prompts + vocab || columns !== vocab)
      throw new ExperimentError(
        'policy.table',
        `is [${rows}, ${columns}], but ${prompts} prompts and ${vocab} tokens need [prompts + vocab, vocab] = [${prompts + vocab}, ${vocab}].`,
      );
    return tokenLists(prompts, columns);
  },
  define: ({ prompts, table }) => ({
    ...tableForm('table', table, ['bigram', prompts]),
    prompts,
    response: 'tokens',
    offsets: null,
    positions: (prompt, response) =>
      response.map((token, t) => {
        const previous = response[t - 1];
        return { context: previous === undefined ? prompt : prompts + previous, token, offset: 0 };
      }),
  }),
  python: ({ prompts }) => ({
    words: 'a start row of logits for each prompt, then one row for each previous token',
    lines: [`PROMPTS = ${prompts}`],
    logits: 'TABLE',
    context: 'prompt if t == 0 else PROMPTS + response[t - 1]',
  }),
};
