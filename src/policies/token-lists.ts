import { assertInteger, assertList } from '../core/assertions.ts';
import type { ResponseRules } from './policy.ts';

/** What policies demand of which a response is a list of tokens. */
export function tokenLists(
  prompts: number,
  columns: number,
  assertTokens: (path: string, prompt: number, tokens: readonly number[]) => void = () => {},
): ResponseRules {
  return {
    prompts,
    columns,
    assertResponse(path, prompt, response) {
      assertList(path, response);
      const tokens = response.map((token, index) => {
        assertInteger(`${path}[${index}]`, token, 0, columns);
        return token;
      });
      assertTokens(path, prompt, tokens);
    },
  };
}
