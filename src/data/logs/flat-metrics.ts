import { isRecord } from '../rows/loose-json.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Log-probs of tokens as servers of models answer with them: {"content": [...]}, {"tokens": [...], "token_logprobs": [...]}. */
const tokensOf = ({ content, token_logprobs: each }: Fields): unknown[] | null =>
  [each, content].find((list): list is unknown[] => Array.isArray(list) && list.some((item) => typeof item !== 'string')) ?? null;

/** Fields that hold a row's metrics and are none. */
const WRAPPERS = /^(?:data|metrics|logs?|values|scalars|stats|summary)$/i;

function flattened(row: Fields, before: string, depth: number, into: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(row)) {
    const key = before === '' ? name : `${before}/${name}`;
    if (!isRecord(value)) into[key] ??= value;
    else if (/logp/i.test(name) && tokensOf(value)) into[key] ??= tokensOf(value);
    else if (depth < 3) flattened(value, before === '' && WRAPPERS.test(name) ? '' : key, depth + 1, into);
  }
}

/** A row of metrics whose groups are records, with names as a tracker writes them: {rewards: {chosen}} is 'rewards/chosen'. */
export function flatMetrics(row: Fields): Fields {
  if (!Object.values(row).some(isRecord)) return row;
  const into: Record<string, unknown> = {};
  flattened(row, '', 0, into);
  return into;
}
